#include "framework/records/run_result.h"

#include <algorithm>

#include "framework/core/format.h"
#include "framework/storage/json_lines.h"

namespace atelier {

std::map<std::string, double> RunResult::judged() const {
  std::map<std::string, double> all = objectives;
  all.insert(values.begin(), values.end());
  return all;
}

std::string to_toml(const RunResult& result) {
  std::string text = format("state = {}\n", to_toml(Value(std::string(to_text(result.state)))));
  if (!result.reason.empty()) text += format("reason = {}\n", to_toml(Value(result.reason)));
  text += format("steps = {}\nseconds = {}\n", result.steps, to_toml(Value(result.seconds)));
  for (const auto& [table, values] :
       {std::pair("objectives", &result.objectives), std::pair("values", &result.values)}) {
    if (values->empty() && values == &result.objectives) continue;
    text += format("\n[{}]\n", table);
    for (const auto& [name, value] : *values) text += format("{} = {}\n", toml_key(name), to_toml(Value(value)));
  }
  return text;
}

RunResult run_result_from(const Document& document) {
  const Document::Entry* state = document.find("state");
  if (!state) throw UsageError(format("{} says no state", document.name()));
  RunResult result;
  const auto known = state->value.is_text() ? trial_state_from(state->value.text()) : std::nullopt;
  if (!known || !has_ended(*known)) {
    throw spec_error(state->where, format("the state is {}, not finished, pruned or failed", to_toml(state->value)));
  }
  result.state = *known;
  for (const Document::Entry& entry : document.entries()) {
    const std::string& table = entry.path.front();
    const Value& value = entry.value;
    const double number = value.is_number() ? value.number() : value.is_text() ? number_in(value.text()) : 0;
    if (entry.path.size() == 1 && table == "reason" && value.is_text()) {
      result.reason = value.text();
    } else if (entry.path.size() == 1 && table == "steps" && value.is_number()) {
      result.steps = static_cast<std::int64_t>(number >= 0 ? std::min(number, 1e15) : 0);
    } else if (entry.path.size() == 1 && table == "seconds" && value.is_number()) {
      result.seconds = number;
    } else if (entry.path.size() > 1 && (value.is_number() || value.is_text())) {
      const std::string name = entry.key().substr(table.size() + 1);
      if (table == "objectives") result.objectives[name] = number;
      if (table == "values") result.values[name] = number;
    }
  }
  return result;
}

}  // namespace atelier
