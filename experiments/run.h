#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "experiments/spec.h"
#include "framework/distributed/communicator.h"
#include "framework/storage/run_folder.h"

namespace atelier {

/// What surrounds a run.
struct RunContext {
  std::string command_line;                    ///< For its provenance.
  std::function<void()> before_write = [] {};  ///< Called on rank 0 before it writes; throws when it must not.
  /// Called on rank 0 with what a step recorded; the reason to end early, or none. May be empty.
  std::function<std::optional<std::string>(std::int64_t step, const std::map<std::string, double>& measures)>
      reason_to_prune;
};

/// Prepares a run's folder before any work, on rank 0, and says whether there is work: makes the folder and `spec.toml`
/// for a new run; for an old one checks that the spec is the same, except for a longer training. False when the run has
/// already ended with this spec. Throws `UsageError` naming the keys that differ. `before_change` is called once the
/// folder exists and before anything in it is changed, unless there is no work; it throws when that must not be.
bool prepare_run(
    ExperimentSpec& spec, const RunFolder& folder, const std::function<void()>& before_change = [] {});

/// Writes a run's `spec.toml`: every key, resolved. That of a test function does not wait for the disk.
void write_run_spec(ExperimentSpec& spec, const RunFolder& folder);

/// Evaluates a test function of optimisation; its value is `value`. With several steps each is a record, and it goes on
/// where its records end. Throws `Interrupted` after a signal. Needs no libtorch.
RunResult run_function(const ExperimentSpec& spec, const RunFolder& folder, const RunContext& context);

}  // namespace atelier
