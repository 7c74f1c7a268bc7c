#pragma once

#include <map>
#include <string>
#include <vector>

#include "framework/records/constraint.h"
#include "framework/records/objective.h"
#include "framework/records/run_folder.h"
#include "sweeps/sweep_spec.h"

namespace atelier {

/// Which trial is better: what a sweep's spec says about the values of a trial.
class Objectives {
 public:
  explicit Objectives(const SweepSpec& spec);

  /// Those to be minimised, then those to be maximised.
  const std::vector<Objective>& all() const { return all_; }
  const std::vector<Constraint>& constraints() const { return constraints_; }

  /// One value an objective, in the form in which smaller is better; NaN where the measure is missing.
  std::vector<double> values(const std::map<std::string, double>& measured) const;
  std::vector<double> violations(const std::map<std::string, double>& measured) const;

  /// Completes a trial that finished or was pruned: its `objectives` as the spec takes them, from its records where
  /// they are not simply the last values. A finished trial of which an objective is missing or not a number has failed.
  void settle(RunResult& result, const RunFolder& folder) const;

 private:
  std::vector<Objective> all_;
  std::vector<Constraint> constraints_;
  SweepSpec::Objective how_;
};

}  // namespace atelier
