#pragma once

#include <memory>
#include <optional>
#include <string>

#include "framework/distributed/communicator.h"
#include "sweeps/objectives.h"
#include "sweeps/pruner.h"
#include "sweeps/sweep_state.h"
#include "sweeps/trial_job.h"
#include "sweeps/trial_ledger.h"

namespace atelier {

/// How a trial left a worker.
struct TrialOutcome {
  enum class Kind {
    ended,        ///< With `result`.
    interrupted,  ///< By a signal, with its state saved: whoever takes it next goes on.
    lost,         ///< Taken over or deleted: it is no longer ours.
  };
  Kind kind = Kind::ended;
  TrialJob job;
  RunResult result;
  bool may_retry = true;  ///< False where another attempt would fail alike.
  std::string why;        ///< Of what did not end.
};

/// Runs trials that a worker has claimed. How many at a time is its own affair, so that trials which share a device can
/// be trained together. Collective over a group of ranks.
class TrialExecutor {
 public:
  virtual ~TrialExecutor() = default;

  /// Whether another trial may be started now.
  virtual bool can_start() const = 0;
  virtual void start(TrialJob job) = 0;
  /// Whether trials were started whose outcome was not yet asked for.
  virtual bool runs() const = 0;
  /// The next outcome. Call while `runs()`.
  virtual TrialOutcome wait() = 0;
};

/// One trial at a time, on the ranks of one group.
std::unique_ptr<TrialExecutor> make_group_executor(const SweepFolder& folder, const SweepSpec& spec,
                                                   const Objectives& objectives, const Pruner& pruner,
                                                   TrialRunner& runner, SweepState& state, TrialLedger& ledger,
                                                   Communicator& group);

}  // namespace atelier
