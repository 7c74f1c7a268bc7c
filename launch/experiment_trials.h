#pragma once

#include <functional>
#include <string>

#include "experiments/run.h"
#include "framework/config/document.h"
#include "launch/experiment_programs.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// Trials of a sweep that are experiments of this project: the base experiment with a trial's parameters set.
class ExperimentTrials : public TrialRunner {
 public:
  /// Throws `UsageError` when the base experiment is wrong.
  ExperimentTrials(Document base, ExperimentPrograms programs, std::string command_line);

  std::string identity(const Parameters& parameters) override;
  std::int64_t first_seed() const override;
  void check(const Parameters& parameters, const Communicator& ranks) override;
  RunResult run(const Parameters& parameters, const RunFolder& folder, Communicator& ranks,
                const TrialContext& context) override;

 private:
  /// Gives a trial its parent's last checkpoint, and the steps that were done to get there.
  void begin_from(const TrialContext& context, const RunFolder& folder, Communicator& ranks,
                  ExperimentSpec& spec) const;
  ExperimentSpec spec_for(const Parameters& parameters) const;

  Document base_;
  ExperimentPrograms programs_;
  std::string command_line_;
};

}  // namespace atelier
