#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "framework/distributed/communicator.h"
#include "framework/storage/run_folder.h"
#include "framework/training/task.h"

namespace atelier {

/// What is written how often, in steps; 0 means only at the end.
struct LoopOptions {
  std::int64_t metrics_every = 50;
  std::int64_t samples_every = 0;
  std::int64_t checkpoint_every = 0;
  std::int64_t evaluate_every = 0;
  std::int64_t keep_checkpoints = 2;  ///< The newest; the best is kept besides.
  std::int64_t check_every = 1000;    ///< Steps between comparisons of the networks on all ranks; 0: never.
  std::int64_t global_batch = 1;      ///< For the rate in images a second.
  std::string best;              ///< The measure of an evaluation by which the best checkpoint is kept; empty: none is.
  bool highest_is_best = false;  ///< Otherwise the lowest is.
  bool tensorboard = false;      ///< Also write records and sample pictures as TensorBoard's events.
  /// Called on rank 0 before it writes, also by the thread that writes checkpoints; throws when it must not.
  std::function<void()> before_write = [] {};
  /// Called on rank 0 with what a step recorded, losses and evaluation together; the reason to end early, or none.
  std::function<std::optional<std::string>(std::int64_t step, const std::map<std::string, double>& measures)>
      reason_to_prune;
};

/// Trains a task into a run folder, from its newest checkpoint where it has one, and writes records, samples and
/// checkpoints on the way.
///
/// Records hold means since the one before, so that a curve is complete whatever its spacing, what the task observes,
/// `memory.peak_mb` (largest resident memory of rank 0, 1e6 bytes), `speed.images_per_second` and `speed.step_seconds`.
/// After an interruption the records beyond the checkpoint are dropped and written again: the file ends as if nothing
/// had happened, except for times and memory. Collective over `ranks`; rank 0 writes.
///
/// Checkpoints are copied in memory and written by a thread of their own, so a step never waits for a disk unless it is
/// slower than the checkpoints come. What goes wrong there is thrown at the next step or at the end. An evaluation that
/// betters `best` is followed by a checkpoint, which stays until a better one is complete.
///
/// Returns how it ended: "finished"; "pruned" with the reason, after a last checkpoint from which the same call goes
/// on; or "failed" with the reason when a loss is no longer finite or the task has a reason to end, then after a last
/// checkpoint. Throws `Interrupted` after a signal, once a checkpoint is written; `OutOfMemory`; `Error` when the
/// networks of the ranks are no longer the same or `best` is not among the measures.
RunResult train(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks);

}  // namespace atelier
