#include "sweeps/trial.h"

#include <algorithm>
#include <cmath>

#include "framework/core/format.h"

namespace atelier {

Parameters without_ranks(const Parameters& parameters) {
  Parameters result;
  std::copy_if(parameters.begin(), parameters.end(), std::back_inserter(result),
               [](const auto& entry) { return entry.first != ranks_key; });
  return result;
}

std::string parameters_text(const Parameters& parameters) {
  constexpr double exact = 9007199254740992.0;  // 2^53
  std::vector<std::string> lines;
  for (const auto& [key, value] : parameters) {
    const double* number = std::get_if<double>(&value.data);
    const bool whole = number && *number == std::floor(*number) && std::abs(*number) < exact;
    lines.push_back(toml_key(key) + " = " + to_toml(whole ? Value(static_cast<std::int64_t>(*number)) : value) + "\n");
  }
  std::sort(lines.begin(), lines.end());
  std::string text;
  for (const std::string& line : lines) text += line;
  return text;
}

std::string in_words(const Parameters& parameters) {
  std::string text;
  for (const auto& [key, value] : parameters)
    text += format("{}{} = {}", text.empty() ? "" : ", ", key, to_text(value));
  return text;
}

bool Trial::feasible() const {
  return std::all_of(violations.begin(), violations.end(), [](double violation) { return violation <= 0; });
}

const Trial* History::find(std::int64_t number) const {
  const auto found = std::lower_bound(trials.begin(), trials.end(), number,
                                      [](const Trial& trial, std::int64_t wanted) { return trial.number < wanted; });
  return found != trials.end() && found->number == number ? &*found : nullptr;
}

}  // namespace atelier
