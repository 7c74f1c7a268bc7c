#include "sweeps/objectives.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/core/format.h"
#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

/// NaN where nothing was measured.
double value_in(const std::map<std::string, double>& measured, const std::string& metric) {
  const auto found = measured.find(metric);
  return found == measured.end() ? std::numeric_limits<double>::quiet_NaN() : found->second;
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

Objectives::Objectives(const SweepSpec& spec) : how_(spec.objective) {
  for (const std::string& metric : spec.minimize) all_.push_back({metric, false});
  for (const std::string& metric : spec.maximize) all_.push_back({metric, true});
  for (const std::string& text : spec.constraints) constraints_.push_back(Constraint::from(text).value());
}

std::vector<double> Objectives::values(const std::map<std::string, double>& measured) const {
  std::vector<double> values;
  for (const Objective& objective : all_) values.push_back(objective.cost(value_in(measured, objective.metric)));
  return values;
}

std::vector<double> Objectives::violations(const std::map<std::string, double>& measured) const {
  std::vector<double> missed;
  for (const Constraint& constraint : constraints_)
    missed.push_back(constraint.violation(value_in(measured, constraint.metric)));
  return missed;
}

void Objectives::settle(RunResult& result, const RunFolder& folder) const {
  if (result.state == TrialState::failed) return;
  if (how_.value != SweepSpec::Objective::Which::last) {
    const std::vector<Json> records = read_json_lines(folder.metrics());
    for (const Objective& objective : all_) {
      std::vector<double> values;
      for (const Json& record : records) {
        const auto found = record.find(objective.metric);
        if (found == record.end()) continue;
        const double value = number_in(*found);
        if (!std::isnan(value)) values.push_back(value);
      }
      if (values.empty()) continue;
      const auto last = std::min(values.size(), static_cast<std::size_t>(how_.last));
      double mean = 0;
      for (std::size_t k = values.size() - last; k < values.size(); ++k) mean += values[k] / static_cast<double>(last);
      const auto [low, high] = std::minmax_element(values.begin(), values.end());
      const bool takes_mean = how_.value == SweepSpec::Objective::Which::mean;
      result.objectives[objective.metric] = takes_mean ? mean : objective.maximize ? *high : *low;
    }
  }
  if (result.state != TrialState::finished) return;
  const std::map<std::string, double> judged = result.judged();
  for (const Objective& objective : all_) {
    const auto found = judged.find(objective.metric);
    if (found == judged.end()) {
      result.state = TrialState::failed;
      result.reason =
          format("the objective {} was never measured; it measured {}", objective.metric, names_of(result.values));
    } else if (std::isnan(found->second)) {
      result.state = TrialState::failed;
      result.reason = format("the objective {} is not a number", objective.metric);
    }
  }
}

}  // namespace atelier
