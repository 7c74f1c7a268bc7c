#include "framework/training/training_loop.h"

#include "framework/core/stop_signal.h"
#include "framework/distributed/same_tensors.h"
#include "framework/training/out_of_memory.h"
#include "framework/training/run_recorder.h"

namespace atelier {
namespace {

RunResult loop(Task& task, RunRecorder& recorder, const LoopOptions& options, Communicator& ranks) {
  recorder.resume();
  while (recorder.unseen() || recorder.step() < task.total_steps()) {
    // Where an interruption came between a step and its measures and samples, these come first.
    if (!recorder.unseen()) {
      recorder.check();
      recorder.add(task.step(recorder.step()));
      if (recorder.record_is_due()) recorder.write_record();
      if (!recorder.failure().empty()) return recorder.end(TrialState::failed, recorder.failure());
      if (!recorder.reason_to_end().empty()) {
        recorder.save();
        return recorder.end(TrialState::failed, recorder.reason_to_end());
      }
      if (recorder.due(options.check_every)) {
        const RunRecorder::Pause pause(recorder);
        TensorMap model, rest;
        task.save(model, rest);
        check_same_on_all_ranks(model, ranks);
      }
    }

    const bool last = recorder.step() == task.total_steps();
    bool better = false;
    // All updates are done: whatever happens to measures and samples, the training is not lost.
    if (last) recorder.save_unseen();
    try {
      if (recorder.evaluation_is_due()) better = recorder.write_measures();
      if (recorder.samples_are_due()) recorder.write_samples();
    } catch (const StoppedEarly&) {
      recorder.save_unseen();
      recorder.interrupt();
    }
    recorder.set_seen();
    if (!recorder.failure().empty()) return recorder.end(TrialState::failed, recorder.failure());
    if (last) {
      if (better) recorder.name_last_best();
      break;
    }

    const std::string reason_to_prune = recorder.ask_listener();
    const bool stop = ranks.any(StopSignal::requested());
    if (stop || better || !reason_to_prune.empty() || recorder.due(options.record.checkpoint_every)) recorder.save();
    if (!reason_to_prune.empty()) return recorder.end(TrialState::pruned, reason_to_prune);
    if (stop) recorder.interrupt();
  }
  return recorder.end(TrialState::finished, "");
}

}  // namespace

RunResult train(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks) {
  try {
    RunRecorder recorder(task, folder, options, ranks);
    return loop(task, recorder, options, ranks);
  } catch (const std::exception& problem) {
    if (const auto memory = as_out_of_memory(problem)) throw *memory;
    throw;
  }
}

}  // namespace atelier
