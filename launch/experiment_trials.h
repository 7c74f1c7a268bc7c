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
  void check(const Parameters& parameters, const Communicator& ranks) override;
  RunResult run(const Parameters& parameters, const RunFolder& folder, Communicator& ranks,
                const TrialContext& context) override;

 private:
  ExperimentSpec spec_for(const Parameters& parameters) const;

  Document base_;
  ExperimentPrograms programs_;
  std::string command_line_;
};

}  // namespace atelier
