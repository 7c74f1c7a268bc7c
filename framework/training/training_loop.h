#pragma once

#include <cstdint>
#include <functional>

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
  std::int64_t keep_checkpoints = 2;
  std::int64_t global_batch = 1;  ///< For the rate in images a second.
  std::function<void()> before_write = [] {};  ///< Called on rank 0 before it writes; throws when it must not.
};

/// Trains a task into a run folder, from its newest checkpoint where it has one, and writes records, samples and
/// checkpoints on the way.
///
/// Records hold means since the one before, so that a curve is complete whatever its spacing. After an interruption the
/// records beyond the checkpoint are dropped and written again: the file ends as if nothing had happened, except for
/// the times. Collective over `ranks`; rank 0 writes.
///
/// Returns how it ended: "finished", or "failed" with the reason when a loss is no longer finite. Throws `Interrupted`
/// after a signal, once a checkpoint is written.
RunResult train(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks);

}  // namespace atelier
