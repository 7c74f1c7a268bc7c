#include "sweeps/objectives.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "framework/core/format.h"
#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::string names_of(const std::map<std::string, double>& values) {
  std::string text;
  int count = 0;
  for (const auto& [name, value] : values) {
    if (++count > 12) return text + ", ...";
    text += (text.empty() ? "" : ", ") + name;
  }
  return text.empty() ? "nothing" : text;
}

}  // namespace

std::optional<Constraint> Constraint::parse(std::string_view text) {
  for (const bool at_least : {true, false}) {
    const std::size_t place = text.find(at_least ? ">=" : "<=");
    if (place == text.npos) continue;
    const std::string_view name = trimmed(text.substr(0, place)), number = trimmed(text.substr(place + 2));
    double limit = 0;
    const auto [stop, problem] = std::from_chars(number.data(), number.data() + number.size(), limit);
    if (name.empty() || name.find(' ') != name.npos || problem != std::errc() ||
        stop != number.data() + number.size() || !std::isfinite(limit)) {
      return std::nullopt;
    }
    return Constraint{.measure = std::string(name), .at_least = at_least, .limit = limit};
  }
  return std::nullopt;
}

double Constraint::violation(const std::map<std::string, double>& values) const {
  const auto found = values.find(measure);
  if (found == values.end() || std::isnan(found->second)) return std::numeric_limits<double>::infinity();
  return at_least ? limit - found->second : found->second - limit;
}

Objectives::Objectives(const SweepSpec& spec)
    : measures_(spec.minimize), minimized_(spec.minimize.size()), how_(spec.objective) {
  measures_.insert(measures_.end(), spec.maximize.begin(), spec.maximize.end());
  for (const std::string& text : spec.constraints) constraints_.push_back(Constraint::parse(text).value());
}

std::vector<double> Objectives::values(const std::map<std::string, double>& measured) const {
  std::vector<double> values;
  for (std::size_t i = 0; i < measures_.size(); ++i) {
    const auto found = measured.find(measures_[i]);
    const double value = found == measured.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
    values.push_back(i < minimized_ ? value : -value);
  }
  return values;
}

std::vector<double> Objectives::violations(const std::map<std::string, double>& measured) const {
  std::vector<double> missed;
  for (const Constraint& constraint : constraints_) missed.push_back(constraint.violation(measured));
  return missed;
}

void Objectives::settle(RunResult& result, const RunFolder& folder) const {
  if (result.state == "failed") return;
  if (how_.value != "last") {
    const std::vector<Json> records = read_json_lines(folder.metrics());
    for (std::size_t i = 0; i < measures_.size(); ++i) {
      std::vector<double> values;
      for (const Json& record : records) {
        const auto found = record.find(measures_[i]);
        if (found == record.end()) continue;
        const double value = number_in(*found);
        if (!std::isnan(value)) values.push_back(value);
      }
      if (values.empty()) continue;
      const auto last = std::min(values.size(), static_cast<std::size_t>(how_.last));
      double mean = 0;
      for (std::size_t k = values.size() - last; k < values.size(); ++k) mean += values[k] / static_cast<double>(last);
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      result.objectives[measures_[i]] = how_.value == "mean" ? mean : i < minimized_ ? *low : *high;
    }
  }
  if (result.state != "finished") return;
  const std::map<std::string, double> judged = result.judged();
  for (const std::string& measure : measures_) {
    const auto found = judged.find(measure);
    if (found == judged.end()) {
      result.state = "failed";
      result.reason = format("the objective {} was never measured; it measured {}", measure, names_of(result.values));
    } else if (std::isnan(found->second)) {
      result.state = "failed";
      result.reason = format("the objective {} is not a number", measure);
    }
  }
}

}  // namespace atelier
