#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "framework/distributed/communicator.h"
#include "framework/records/metric_record.h"
#include "framework/records/run_folder.h"
#include "sweeps/trial.h"

namespace atelier {

/// What surrounds one run of a trial.
struct TrialContext {
  std::int64_t number = 0;  ///< Of the trial.
  /// Called on rank 0 before anything is written to the folder; throws `ClaimLost` when the trial is no longer ours.
  std::function<void()> before_write = [] {};
  /// Called on rank 0 with each record as it stands in `metrics.jsonl`; the reason to end early, or none. After a
  /// reason the trial saves its state, so that it can be continued, and returns `pruned` with it.
  std::function<std::optional<std::string>(const MetricRecord& record)> on_record = [](const MetricRecord&) {
    return std::nullopt;
  };
  /// The folder of the trial whose last checkpoint this one begins from; empty: from the start.
  std::filesystem::path parent;
};

/// One trial with its parameters read and checked.
class PreparedTrial {
 public:
  virtual ~PreparedTrial() = default;

  /// The text that decides whether two trials are the same: everything that can change a result. Throws `UsageError`
  /// when what it is made of, its data for instance, is not there.
  virtual std::string identity() = 0;

  /// Throws `UsageError` when this rank cannot run the trial: its data, its weights, the number of ranks. Not
  /// collective.
  virtual void check(const Communicator& ranks) = 0;

  /// Runs the trial in its folder, from where it was interrupted or pruned, and returns how it ended. Collective over
  /// `ranks`, all of which have prepared the same parameters. Throws `Error` when the trial fails, `Interrupted` after
  /// a signal with the state saved.
  virtual RunResult run(const RunFolder& folder, Communicator& ranks, const TrialContext& context) = 0;
};

/// What a sweep tries, as the sweep sees it: it knows trials, not what they train.
class TrialRunner {
 public:
  virtual ~TrialRunner() = default;

  /// Reads a trial's parameters, once. The trial may refer to the runner, which must outlive it. Throws `UsageError`
  /// when the parameters do not fit together.
  virtual std::unique_ptr<PreparedTrial> prepare(const Parameters& parameters) = 0;

  /// The seed of the first run of a setting; the others follow on it. It comes as the parameter "seed".
  virtual std::int64_t first_seed() const { return 0; }
};

}  // namespace atelier
