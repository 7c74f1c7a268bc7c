#pragma once

#include <string>
#include <utility>
#include <vector>

#include "analysis/comparison.h"
#include "experiments/spec.h"

namespace atelier::testing {

/// Trials that ended, without any folder: what was chosen and what was measured.
class MadeComparison {
 public:
  explicit MadeComparison(std::vector<Objective> objectives) {
    comparison_.objectives = std::move(objectives);
    comparison_.measures = known_measures();
    comparison_.sources.push_back({"runs/made", "made", true, 0, {}, {}, {}, false});
  }

  Comparison& operator*() { return comparison_; }
  Comparison* operator->() { return &comparison_; }

  void add_parameter(const std::string& key, bool numeric, std::optional<std::pair<double, double>> range = {},
                     std::vector<std::string> parents = {}) {
    comparison_.parameters.push_back({key, key, numeric, false, range, std::move(parents)});
  }

  void add(const std::vector<std::pair<std::string, Value>>& parameters, const std::map<std::string, double>& values,
           TrialState state = TrialState::finished) {
    Comparison::Trial trial;
    trial.run.number = static_cast<std::int64_t>(comparison_.trials.size());
    trial.run.parameters.items = parameters;
    trial.run.values = values;
    trial.run.state = state;
    trial.run.seconds = 60;
    trial.label = "#" + std::to_string(*trial.run.number);
    trial.setting = comparison_.trials.size();
    comparison_.trials.push_back(std::move(trial));
  }

 private:
  Comparison comparison_;
};

}  // namespace atelier::testing
