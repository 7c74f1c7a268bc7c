#pragma once

#include <functional>
#include <string>

#include "experiments/run.h"

namespace atelier {

/// What a program can do with the experiments that need libtorch: everything in `atelier-engine`, nothing in `atelier`,
/// which hands over instead.
struct ExperimentPrograms {
  /// Opens the data and the feature weights that a spec names, on this rank. Throws `UsageError` before anything is
  /// made.
  std::function<void(const ExperimentSpec&, const Communicator&)> check;
  /// Collective over the ranks.
  std::function<RunResult(const ExperimentSpec&, const RunFolder&, const RunContext&, Communicator&)> run;
  /// The digest of the data that a spec names.
  std::function<std::string(const ExperimentSpec&)> data_digest;

  /// Whether this program runs that kind of experiment itself.
  bool can_run(const ExperimentSpec& spec) const { return spec.kind == "function" || run; }
};

/// Those of `atelier-engine`.
ExperimentPrograms engine_programs();

}  // namespace atelier
