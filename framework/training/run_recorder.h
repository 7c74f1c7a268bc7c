#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "framework/distributed/communicator.h"
#include "framework/distributed/tensor_reduction.h"
#include "framework/records/run_folder.h"
#include "framework/storage/event_file.h"
#include "framework/storage/json_lines.h"
#include "framework/training/background_writer.h"
#include "framework/training/checkpoint.h"
#include "framework/training/loop_options.h"
#include "framework/training/loss_sums.h"
#include "framework/training/task.h"

namespace atelier {

/// What is kept of one training: its position, records, TensorBoard events, samples, checkpoints, the best of them and
/// what a listener hears. A process may train several tasks, each with a recorder of its own.
///
/// Rank 0 writes. What begins with a verb is collective over `ranks`, except `check` and `add`; questions are not.
///
/// Checkpoints are copied in memory and written by a thread of their own, so that a step waits for a disk only when the
/// disk is slower than the checkpoints come. What goes wrong there is thrown by `check` or at the end.
class RunRecorder {
 public:
  /// All must outlive it.
  RunRecorder(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks);

  std::int64_t step() const { return step_; }  ///< Updates done.
  bool due(std::int64_t every) const { return every > 0 && step_ % every == 0; }
  bool record_is_due() const;
  bool evaluation_is_due() const;
  bool samples_are_due() const;
  /// Whether this step's measures or samples are not made, though its update is saved.
  bool unseen() const { return unseen_; }
  /// Says which loss or measure is not finite; empty while all are.
  const std::string& failure() const { return failure_; }
  /// Why the task wants to end, judged by the last record; empty to go on.
  const std::string& reason_to_end() const { return reason_to_end_; }

  /// Loads the newest checkpoint, if there is one, into the task, and begins the files there: what was recorded beyond
  /// it is dropped.
  void resume();

  /// Throws what went wrong in the thread that writes.
  void check() { writer_.check(); }
  /// One more update is done; `losses` are what it returned.
  void add(const at::Tensor& losses);

  /// Writes the means of the losses since the last record, what the task observes, memory and speed.
  void write_record();
  /// Measures and writes. True when the measures better the best. Throws `StoppedEarly`, on all ranks together.
  bool write_measures();
  /// Throws `StoppedEarly`, on all ranks together.
  void write_samples();
  /// The step's measures and samples are made.
  void set_seen() { unseen_ = false; }

  /// What the listener on rank 0 says about this step's records, on every rank; empty to go on.
  std::string ask_listener();

  void save();
  /// Before the step's measures and samples, which a resumed training makes up for. Does nothing the second time.
  void save_unseen();
  /// Names the last checkpoint, which was saved before it was measured, as the best.
  void name_last_best();

  /// Waits until everything is written.
  RunResult end(TrialState state, const std::string& reason);
  /// The same after a signal: throws `Interrupted`.
  [[noreturn]] void interrupt();

  /// While it lives, time does not count for the rate of training.
  class Pause {
   public:
    explicit Pause(RunRecorder& recorder) : recorder_(recorder) {}
    ~Pause() { recorder_.record_start_ += Clock::now() - begin_; }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;

   private:
    RunRecorder& recorder_;
    std::chrono::steady_clock::time_point begin_ = Clock::now();
  };

 private:
  using Clock = std::chrono::steady_clock;

  bool last() const { return step_ == task_.total_steps(); }
  double elapsed() const;
  void read_checkpoint(const Checkpoint& checkpoint);
  void begin_files();
  Json new_record();
  void write(const Json& record);
  void write_pictures(const std::filesystem::path& folder, bool inputs);
  void write_picture_events(const std::filesystem::path& folder);
  std::string first_not_finite();
  bool note_best();
  std::map<std::string, std::string> numbers() const;

  Task& task_;
  const RunFolder& folder_;
  const LoopOptions& options_;
  Communicator& ranks_;
  std::unique_ptr<TensorReduction> tensors_over_ranks_;
  const bool writes_;
  std::unique_ptr<JsonLinesWriter> metrics_;
  std::unique_ptr<EventFile> events_;  // none when TensorBoard is not written for
  std::int64_t step_ = 0;
  LossSums losses_;
  std::map<std::string, double> values_;    // of the last evaluation
  std::map<std::string, double> recorded_;  // since the listener was last asked
  double recorded_time_ = 0;                // of the newest record
  std::optional<BestCheckpoint> best_;
  bool unseen_ = false, unmeasured_ = false;  // of an unseen step: not even measured
  std::string failure_, reason_to_end_;
  Clock::time_point start_, record_start_;
  std::int64_t record_start_step_ = 0;
  double elapsed_before_ = 0;  // seconds of earlier sessions
  Checkpoint snapshot_;
  BackgroundWriter writer_;  // uses what is above, so it ends first
};

}  // namespace atelier
