#include "framework/storage/value_json.h"

namespace atelier {

Json to_json(const Value& value) {
  return std::visit(
      [](const auto& held) -> Json {
        using T = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<T, std::vector<Value>>) {
          Json list = Json::array();
          for (const Value& item : held) list.push_back(to_json(item));
          return list;
        } else if constexpr (std::is_same_v<T, double>) {
          return json_number(held);
        } else {
          return held;
        }
      },
      value.data);
}

Value value_of_json(const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array()) {
    std::vector<Value> list;
    for (const Json& item : json) list.push_back(value_of_json(item));
    return list;
  }
  return json.dump();
}

}  // namespace atelier
