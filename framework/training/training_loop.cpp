#include "framework/training/training_loop.h"

#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <memory>
#include <optional>

#include "framework/core/duration.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/distributed/first_rank.h"
#include "framework/distributed/same_tensors.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/event_file.h"
#include "framework/storage/json_lines.h"
#include "framework/training/background_writer.h"
#include "framework/training/checkpoint.h"
#include "framework/training/out_of_memory.h"

namespace atelier {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

/// The largest resident memory of this process so far, in units of 1e6 bytes.
double peak_memory_mb() {
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  return std::round(static_cast<double>(usage.ru_maxrss) * 1024 / 1e5) / 10;
}

std::string joined(const std::map<std::string, double>& values) {
  std::string text;
  for (const auto& [name, value] : values) text += (text.empty() ? "" : ", ") + name;
  return text;
}

/// One training in progress.
class Loop {
 public:
  Loop(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks)
      : task_(task), folder_(folder), options_(options), ranks_(ranks), writes_(ranks.rank() == 0) {}

  RunResult run() {
    resume();
    on_first_rank(ranks_, [&] { begin_files(); });
    start_ = record_start_ = Clock::now();
    record_start_step_ = step_;
    if (unseen_) {
      // An interruption came before its measures and pictures.
      if (const auto ended = look()) return *ended;
    }
    while (step_ < task_.total_steps()) {
      advance();
      if (last() || due(options_.metrics_every) || task_.phase(step_) != task_.phase(step_ - 1)) {
        if (!write_record()) return finish("failed", failure_);
      }
      if (!reason_.empty()) {
        write_checkpoint();
        return finish("failed", reason_);
      }
      if (due(options_.check_every)) check_ranks();
      if (const auto ended = look()) return *ended;
    }
    return finish("finished", "");
  }

 private:
  bool last() const { return step_ == task_.total_steps(); }
  bool due(std::int64_t every) const { return every > 0 && step_ % every == 0; }
  /// Also where an interruption came before it, unless that was at the end of a shorter training, which only the best
  /// checkpoint may have to be chosen by.
  bool evaluates() const {
    const bool here = last() || due(options_.evaluate_every);
    return unseen_ ? unmeasured_ && (here || !options_.best.empty()) : here;
  }
  bool shows() const { return last() || due(options_.samples_every); }

  /// What comes after a step: measures, pictures, the checkpoint, and whether to go on. The result when the training
  /// ends here.
  std::optional<RunResult> look() {
    // All updates are done: whatever happens to measures and pictures, the training is not lost.
    if (last() && !unseen_) write_unseen_checkpoint();
    bool better = false;
    try {
      better = evaluates() && evaluate();
      if (shows()) write_samples();
    } catch (const StoppedEarly&) {
      if (!unseen_) write_unseen_checkpoint();
      interrupt();
    }
    unseen_ = false;
    if (!failure_.empty()) return finish("failed", failure_);
    if (last()) {
      if (better && writes_) {
        writer_.wait();
        options_.before_write();
        folder_.write_best_checkpoint(best_);
        folder_.remove_old_checkpoints(options_.keep_checkpoints);
      }
      return finish("finished", "");
    }
    const std::string prune = reason_to_prune();
    const bool stop = ranks_.any(StopSignal::requested());
    if (stop || better || !prune.empty() || due(options_.checkpoint_every)) write_checkpoint();
    if (!prune.empty()) return finish("pruned", prune);
    if (stop) interrupt();
    return std::nullopt;
  }

  void write_unseen_checkpoint() {
    unmeasured_ = evaluates();
    unseen_ = true;
    write_checkpoint();
  }

  [[noreturn]] void interrupt() {
    writer_.wait();
    throw Interrupted(format("stopped at step {} of {}; run the same command to go on", step_, task_.total_steps()));
  }

  double elapsed() const { return elapsed_before_ + seconds_since(start_); }

  void resume() {
    const std::string found =
        ranks_.broadcast(writes_ ? std::to_string(folder_.newest_checkpoint().value_or(-1)) : std::string(), 0);
    if (found == "-1") return;
    const std::int64_t step = std::stoll(found);
    const Checkpoint checkpoint = Checkpoint::read(folder_, step);
    task_.load(checkpoint.model, checkpoint.state);
    step_ = step;
    count_ = checkpoint.whole_number("count");
    elapsed_before_ = checkpoint.number("seconds");
    if (const auto unseen = checkpoint.numbers.find("unseen"); unseen != checkpoint.numbers.end()) {
      unseen_ = true;
      unmeasured_ = unseen->second == "measures";
    }
    if (count_ > 0) take_sums(checkpoint.state.at("loop.sums"));
    for (const auto& [name, text] : checkpoint.numbers) {
      if (name.starts_with("value.")) values_[name.substr(6)] = checkpoint.number(name);
      if (name.starts_with("recorded.")) recorded_[name.substr(9)] = checkpoint.number(name);
    }
    // Another measure than before begins anew.
    const auto& numbers = checkpoint.numbers;
    if (numbers.contains("best.step") && numbers.at("best.measure") == options_.best &&
        (numbers.at("best.is") == "highest") == options_.highest_is_best) {
      best_ = {.step = checkpoint.whole_number("best.step"),
               .measure = options_.best,
               .value = checkpoint.number("best.value"),
               .highest = options_.highest_is_best};
    }
    log_info(format("going on at step {} of {}", step_, task_.total_steps()));
  }

  void begin_files() {
    options_.before_write();
    folder_.remove_unfinished_checkpoints();
    // A kill may have come between a checkpoint and the file that names it as the best.
    if (std::filesystem::exists(folder_.checkpoints()) && folder_.best_checkpoint() != best_)
      folder_.write_best_checkpoint(best_);
    const bool again = unseen_ && evaluates();
    filter_json_lines(
        folder_.metrics(),
        [&](const Json& r) {
          const auto step = r.value("step", std::int64_t{0});
          return step < step_ ||
                 (step == step_ && (!again || r.contains("speed.step_seconds")));  // of losses, not of measures
        },
        options_.before_write);
    metrics_ = std::make_unique<JsonLinesWriter>(folder_.metrics());
    if (options_.tensorboard) events_ = std::make_unique<EventFile>(folder_.path(), step_);
    if (!std::filesystem::exists(folder_.input_samples())) write_pictures(folder_.input_samples(), true);
  }

  void advance() {
    writer_.check();
    const at::Tensor losses = task_.step(step_);
    const at::NoGradGuard no_grad;
    if (sums_.defined()) {
      if (sums_.device() != losses.device()) sums_ = sums_.to(losses.device());  // of a checkpoint
      sums_.add_(losses);
    } else {
      sums_ = losses.to(at::kDouble, /*non_blocking=*/false, /*copy=*/true);
    }
    ++count_;
    ++step_;
  }

  /// The sums of all ranks, the same everywhere; this rank's are left alone.
  at::Tensor total_sums() {
    at::Tensor total = sums_.to(at::kCPU, /*non_blocking=*/false, /*copy=*/true).contiguous();
    ranks_.sum(std::span(total.data_ptr<double>(), static_cast<std::size_t>(total.numel())));
    return total;
  }

  /// The sums of a record that is half full, one row a rank, on every rank: each goes on with its own, so that the
  /// record has the same bits as without an interruption.
  at::Tensor sums_of_ranks() {
    at::Tensor rows = at::zeros({ranks_.size(), sums_.numel()}, at::kDouble);
    rows[ranks_.rank()].copy_(sums_);
    ranks_.sum(std::span(rows.data_ptr<double>(), static_cast<std::size_t>(rows.numel())));
    return rows;
  }

  /// The reverse. Of another number of ranks, the first carries everything on.
  void take_sums(const at::Tensor& rows) {
    if (rows.size(0) == ranks_.size()) {
      sums_ = rows[ranks_.rank()].clone();
    } else if (writes_) {
      sums_ = rows.sum(0);
    }
  }

  /// Writes the means since the last record. False when one is not finite; `failure_` then says which. `reason_` says
  /// why the task wants to end.
  bool write_record() {
    const std::string phase = task_.phase(step_ - 1);
    const std::vector<std::string> names = task_.metric_names(phase);
    const at::Tensor total = total_sums();
    const double seconds = seconds_since(record_start_);
    const std::int64_t steps_here = std::max<std::int64_t>(step_ - record_start_step_, 1);
    const double* sums = total.data_ptr<double>();
    std::map<std::string, double> means;
    Json record = new_record();
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double mean = sums[i] / static_cast<double>(count_);
      record[names[i]] = json_number(mean);
      means[names[i]] = mean;
      if (!std::isfinite(mean) && failure_.empty()) failure_ = format("{} is {} at step {}", names[i], mean, step_);
    }
    for (const auto& [name, value] : task_.observe(step_)) {
      record[name] = json_number(value);
      means[name] = value;
    }
    record["memory.peak_mb"] = peak_memory_mb();
    record["speed.images_per_second"] = static_cast<double>(steps_here * options_.global_batch) / seconds;
    record["speed.step_seconds"] = seconds / static_cast<double>(steps_here);
    write(record);
    recorded_ = means;
    std::string line = format("step {} of {}, {}", step_, task_.total_steps(), phase);
    for (const std::string& name : names) {
      if (name.ends_with(".total") || names.size() == 1) line += format(", {} {:.4g}", name, means.at(name));
    }
    const double left = seconds / static_cast<double>(steps_here) * static_cast<double>(task_.total_steps() - step_);
    log_info(line + format(", {} left", duration_text(left)));
    sums_ = at::Tensor();
    count_ = 0;
    if (failure_.empty()) {
      reason_ = task_.reason_to_end(means).value_or("");
    } else {
      if (const std::string tensor = first_not_finite(); !tensor.empty())
        failure_ += "; the first tensor that is not finite: " + tensor;
    }
    record_start_ = Clock::now();
    record_start_step_ = step_;
    return failure_.empty();
  }

  /// Ranks see other pictures: the first that finds something speaks.
  std::string first_not_finite() {
    for (const std::string& found : ranks_.gather(task_.first_not_finite(step_))) {
      if (!found.empty()) return found;
    }
    return {};
  }

  Json new_record() const {
    Json record;
    record["step"] = step_;
    record["epoch"] = task_.epoch(step_);
    record["time"] = std::round(elapsed() * 1000) / 1000;
    record["phase"] = task_.phase(step_ - 1);
    return record;
  }

  /// True when it bettered the best.
  bool evaluate() {
    const Clock::time_point begin = Clock::now();
    values_ = task_.evaluate();
    Json record = new_record();
    for (const auto& [name, value] : values_) record[name] = json_number(value);
    write(record);
    recorded_.insert(values_.begin(), values_.end());
    for (const auto& [name, value] : values_) {
      if (std::isfinite(value)) continue;
      // The last update may have spoilt what no loss has seen yet. Where all tensors are finite, the measure has no
      // value here.
      const std::string tensor = first_not_finite();
      if (!tensor.empty())
        failure_ = format("{} is {} at step {}; the first tensor that is not finite: {}", name, value, step_, tensor);
      break;
    }
    const bool better = ranks_.any(writes_ && note_best());  // by rank 0's bits: saving is collective
    record_start_ += Clock::now() - begin;                   // evaluation is not part of the training rate
    return better;
  }

  /// What rank 0's listener says about this step's records, on every rank; empty to go on.
  std::string reason_to_prune() {
    if (!options_.reason_to_prune || recorded_.empty()) return {};
    std::string reason;
    if (writes_) reason = options_.reason_to_prune(step_, recorded_).value_or("");
    recorded_.clear();
    return ranks_.broadcast(reason, 0);
  }

  bool note_best() {
    if (options_.best.empty()) return false;
    const auto found = values_.find(options_.best);
    if (found == values_.end()) {
      throw Error(format("the best checkpoint is to be chosen by {}, which was not measured; there are {}",
                         options_.best, joined(values_)));
    }
    const double value = found->second;
    if (!std::isfinite(value)) return false;
    if (best_ && (options_.highest_is_best ? value <= best_->value : value >= best_->value)) return false;
    best_ = {.step = step_, .measure = options_.best, .value = value, .highest = options_.highest_is_best};
    return true;
  }

  void check_ranks() {
    const Clock::time_point begin = Clock::now();
    TensorMap model, rest;
    task_.save(model, rest);
    check_same_on_all_ranks(model, ranks_);
    record_start_ += Clock::now() - begin;
  }

  void write(const Json& record) {
    if (!writes_) return;
    options_.before_write();
    metrics_->write(record);
    if (!events_) return;
    std::map<std::string, double> numbers;
    for (const auto& [name, value] : record.items()) {
      if (name.find('.') != name.npos)
        numbers[name] = number_in(value);  // measures; an event has its step and time besides
    }
    events_->write_scalars(step_, numbers);
  }

  void write_samples() {
    const Clock::time_point begin = Clock::now();
    bool stopped = false;
    try {
      if (writes_) write_pictures(folder_.samples(step_), false);
    } catch (const StoppedEarly&) {
      stopped = true;
    }
    if (ranks_.any(stopped)) throw StoppedEarly();
    record_start_ += Clock::now() - begin;
  }

  void write_pictures(const std::filesystem::path& folder, bool inputs) {
    options_.before_write();
    make_folder(folder.parent_path());
    FolderAside aside(folder);
    if (inputs) {
      task_.write_inputs(aside.path());
    } else {
      task_.write_samples(aside.path());
    }
    aside.commit();
    if (events_) write_picture_events(folder);
  }

  void write_picture_events(const std::filesystem::path& folder) {
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      if (entry.path().extension() == ".png") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    const bool inputs = folder == folder_.input_samples();
    for (const std::filesystem::path& file : files) {
      const std::string name = format("{}/{}", inputs ? "samples.input" : "samples", file.stem().string());
      events_->write_image(inputs ? 0 : step_, name, read_file(file));
    }
  }

  /// Copies everything and lets the thread write it.
  void write_checkpoint() {
    const Clock::time_point begin = Clock::now();
    const at::Tensor sums = count_ > 0 ? sums_of_ranks() : at::Tensor();
    if (writes_) {
      writer_.wait();  // the snapshot may still be on its way to the disk
      options_.before_write();
      Checkpoint checkpoint;
      task_.save(checkpoint.model, checkpoint.state);
      if (sums.defined()) checkpoint.state["loop.sums"] = sums;
      checkpoint.numbers = {
          {"step", std::to_string(step_)}, {"count", std::to_string(count_)}, {"seconds", format("{}", elapsed())}};
      for (const auto& [name, value] : values_) checkpoint.numbers["value." + name] = format("{}", value);
      if (unseen_) {
        checkpoint.numbers["unseen"] = unmeasured_ ? "measures" : "pictures";
        for (const auto& [name, value] : recorded_) checkpoint.numbers["recorded." + name] = format("{}", value);
      }
      if (best_) {
        checkpoint.numbers["best.step"] = std::to_string(best_->step);
        checkpoint.numbers["best.measure"] = best_->measure;
        checkpoint.numbers["best.value"] = format("{}", best_->value);
        checkpoint.numbers["best.is"] = best_->highest ? "highest" : "lowest";
      }
      snapshot_.copy(checkpoint);
      writer_.begin([this, step = step_, best = best_] {
        options_.before_write();
        snapshot_.write(folder_.checkpoint(step), options_.before_write);
        if (best && best->step == step) folder_.write_best_checkpoint(best);
        folder_.remove_old_checkpoints(options_.keep_checkpoints);
      });
    }
    record_start_ += Clock::now() - begin;
  }

  RunResult finish(const std::string& state, const std::string& reason) {
    writer_.wait();
    return {.state = state, .reason = reason, .steps = step_, .seconds = elapsed(), .values = values_};
  }

  Task& task_;
  const RunFolder& folder_;
  const LoopOptions& options_;
  Communicator& ranks_;
  const bool writes_;
  std::unique_ptr<JsonLinesWriter> metrics_;
  std::unique_ptr<EventFile> events_;       // none when TensorBoard is not written for
  std::int64_t step_ = 0;                   // updates done
  std::int64_t count_ = 0;                  // steps since the last record
  at::Tensor sums_;                         // of their losses, this rank's share
  std::map<std::string, double> values_;    // of the last evaluation
  std::map<std::string, double> recorded_;  // since the listener was last asked
  std::optional<BestCheckpoint> best_;
  bool unseen_ = false, unmeasured_ = false;  // the step is done, its pictures or also its measures are not
  std::string failure_;                       // a loss or a measure that is not finite
  std::string reason_;                        // why the task wants to end
  Clock::time_point start_, record_start_;
  std::int64_t record_start_step_ = 0;
  double elapsed_before_ = 0;
  Checkpoint snapshot_;
  BackgroundWriter writer_;  // uses what is above, so it ends first
};

}  // namespace

RunResult train(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks) {
  try {
    return Loop(task, folder, options, ranks).run();
  } catch (const std::exception& problem) {
    if (const auto memory = as_out_of_memory(problem)) throw *memory;
    throw;
  }
}

}  // namespace atelier
