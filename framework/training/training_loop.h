#pragma once

#include "framework/distributed/communicator.h"
#include "framework/records/run_folder.h"
#include "framework/training/loop_options.h"
#include "framework/training/task.h"

namespace atelier {

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
/// betters `record.best` is followed by a checkpoint, which stays until a better one is complete.
///
/// Returns how it ended: finished; pruned with the reason, after a last checkpoint from which the same call goes
/// on; or failed with the reason when a loss is no longer finite or the task has a reason to end, then after a last
/// checkpoint. Throws `Interrupted` after a signal, once a checkpoint is written; `OutOfMemory`; `Error` when the
/// networks of the ranks are no longer the same or `record.best` is not among the measures.
RunResult train(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks);

}  // namespace atelier
