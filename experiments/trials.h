#pragma once

#include <memory>
#include <string>

#include "experiments/spec.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// Trials of a sweep that are experiments of this project: the base experiment with a trial's parameters set.
class ExperimentTrials : public TrialRunner {
 public:
  /// Throws `UsageError` when the base experiment is wrong.
  ExperimentTrials(Document base, Experiments experiments, std::string command_line);

  std::unique_ptr<PreparedTrial> prepare(const Parameters& parameters) override;
  std::int64_t first_seed() const override { return first_seed_; }

 private:
  Document base_;
  Experiments experiments_;
  std::string command_line_;
  std::int64_t first_seed_;
};

}  // namespace atelier
