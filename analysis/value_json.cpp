#include "analysis/value_json.h"

namespace atelier {

Json to_json(const Value& value) {
  if (const auto* truth = std::get_if<bool>(&value.data)) return *truth;
  if (const auto* whole = std::get_if<std::int64_t>(&value.data)) return *whole;
  if (const auto* real = std::get_if<double>(&value.data)) return json_number(*real);
  if (value.is_text()) return value.text();
  Json list = Json::array();
  for (const Value& item : value.list()) list.push_back(to_json(item));
  return list;
}

}  // namespace atelier
