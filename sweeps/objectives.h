#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "framework/storage/run_folder.h"
#include "sweeps/sweep_spec.h"

namespace atelier {

/// "eval.ssim >= 0.4".
struct Constraint {
  std::string measure;
  bool at_least = true;  ///< Otherwise at most.
  double limit = 0;

  /// None when the text is not of that form.
  static std::optional<Constraint> parse(std::string_view text);
  /// By how much it is missed; 0 or less when it holds; infinite when nothing was measured.
  double violation(const std::map<std::string, double>& values) const;
};

/// Which trial is better: what a sweep's spec says about the values of a trial.
class Objectives {
 public:
  explicit Objectives(const SweepSpec& spec);

  /// Those to be minimised, then those to be maximised.
  const std::vector<std::string>& measures() const { return measures_; }
  const std::vector<Constraint>& constraints() const { return constraints_; }

  /// One value an objective, in the form in which smaller is better; NaN where the measure is missing.
  std::vector<double> values(const std::map<std::string, double>& measured) const;
  std::vector<double> violations(const std::map<std::string, double>& measured) const;

  /// Completes a trial that finished or was pruned: its `objectives` as the spec takes them, from its records where
  /// they are not simply the last values. A finished trial of which an objective is missing or not a number has failed.
  void settle(RunResult& result, const RunFolder& folder) const;

 private:
  std::vector<std::string> measures_;
  std::size_t minimized_ = 0;  // the first of them
  std::vector<Constraint> constraints_;
  SweepSpec::Objective how_;
};

}  // namespace atelier
