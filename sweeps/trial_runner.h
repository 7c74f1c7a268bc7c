#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "framework/distributed/communicator.h"
#include "framework/storage/run_folder.h"
#include "sweeps/trial.h"

namespace atelier {

/// What surrounds one run of a trial.
struct TrialContext {
  std::int64_t number = 0;  ///< Of the trial.
  /// Called on rank 0 before anything is written to the folder; throws `ClaimLost` when the trial is no longer ours.
  std::function<void()> before_write = [] {};
  /// Called on rank 0 with the measures of a record, `at` being the record's step; the reason to end early, or none.
  /// After a reason the runner saves its state, so that the trial can be continued, and returns "pruned" with it.
  std::function<std::optional<std::string>(const Report& report)> report = [](const Report&) { return std::nullopt; };
  /// The folder of the trial whose last checkpoint this one begins from; empty: from the start.
  std::filesystem::path parent;
};

/// What a sweep tries, as the sweep sees it: it knows trials, not GANs.
class TrialRunner {
 public:
  virtual ~TrialRunner() = default;

  /// The text that decides whether two trials are the same: everything that can change a result.
  /// Throws `UsageError` when the parameters do not fit.
  virtual std::string identity(const Parameters& parameters) = 0;

  /// The seed of the first run of a setting; the others follow on it. It comes as the parameter "seed".
  virtual std::int64_t first_seed() const { return 0; }

  /// Throws `UsageError` when this rank cannot run the trial: its data, its weights, the number of ranks. Not
  /// collective.
  virtual void check(const Parameters& parameters, const Communicator& ranks) = 0;

  /// Runs one trial in its folder, from where it was interrupted or pruned, and returns how it ended. Collective over
  /// `ranks`, whose rank 0 calls it with the same arguments as the others. Throws `Error` when the trial fails,
  /// `Interrupted` after a signal with the state saved.
  virtual RunResult run(const Parameters& parameters, const RunFolder& folder, Communicator& ranks,
                        const TrialContext& context) = 0;
};

}  // namespace atelier
