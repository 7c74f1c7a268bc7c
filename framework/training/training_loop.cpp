#include "framework/training/training_loop.h"

#include <chrono>
#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/json_lines.h"
#include "framework/training/checkpoint.h"

namespace atelier {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

std::string duration_text(double seconds) {
  if (seconds < 90) return format("{:.0f} s", seconds);
  if (seconds < 5400) return format("{:.1f} min", seconds / 60);
  return format("{:.1f} h", seconds / 3600);
}

/// One training in progress.
class Loop {
 public:
  Loop(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks)
      : task_(task), folder_(folder), options_(options), ranks_(ranks), writes_(ranks.rank() == 0) {}

  RunResult run() {
    resume();
    if (writes_) {
      filter_json_lines(folder_.metrics(), [&](const Json& r) { return r.value("step", std::int64_t{0}) <= step_; });
      metrics_ = std::make_unique<JsonLinesWriter>(folder_.metrics());
      if (!std::filesystem::exists(folder_.input_samples())) write_pictures(folder_.input_samples(), true);
    }
    start_ = record_start_ = Clock::now();
    record_start_step_ = step_;
    const std::int64_t total = task_.total_steps();
    while (step_ < total) {
      advance();
      const bool last = step_ == total;
      if (last || due(options_.metrics_every) || task_.phase(step_) != task_.phase(step_ - 1)) {
        if (!write_record()) return finish("failed", failure_);
      }
      if (last || due(options_.evaluate_every)) evaluate();
      if (last || due(options_.samples_every)) write_samples();
      const bool stop = ranks_.any(StopSignal::requested());
      if (last || stop || due(options_.checkpoint_every)) write_checkpoint();
      if (stop && !last) throw Interrupted(format("stopped at step {} of {}; run the same command to go on", step_, total));
    }
    return finish("finished", "");
  }

 private:
  bool due(std::int64_t every) const { return every > 0 && step_ % every == 0; }
  double elapsed() const { return elapsed_before_ + seconds_since(start_); }

  void resume() {
    const std::string found = ranks_.broadcast(
        writes_ ? std::to_string(folder_.newest_checkpoint().value_or(-1)) : std::string(), 0);
    if (found == "-1") return;
    const Checkpoint checkpoint = Checkpoint::read(folder_.checkpoint(std::stoll(found)));
    task_.load(checkpoint.model, checkpoint.state);
    step_ = std::stoll(checkpoint.numbers.at("step"));
    count_ = std::stoll(checkpoint.numbers.at("count"));
    elapsed_before_ = std::stod(checkpoint.numbers.at("seconds"));
    // The sums of a record that was half full, of all ranks together: one rank carries them on.
    if (count_ > 0 && writes_) sums_ = checkpoint.state.at("loop.sums").clone();
    for (const auto& [name, text] : checkpoint.numbers) {
      if (name.starts_with("value.")) values_[name.substr(6)] = std::stod(text);
    }
    log_info(format("going on at step {} of {}", step_, task_.total_steps()));
  }

  void advance() {
    const at::Tensor losses = task_.step(step_);
    const at::NoGradGuard no_grad;
    if (sums_.defined()) {
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

  /// Writes the means since the last record. False when one is not finite; `failure_` then says which.
  bool write_record() {
    const std::string phase = task_.phase(step_ - 1);
    const std::vector<std::string> names = task_.metric_names(phase);
    const at::Tensor total = total_sums();
    const double* values = total.data_ptr<double>();
    Json record;
    record["step"] = step_;
    record["epoch"] = task_.epoch(step_);
    record["time"] = std::round(elapsed() * 1000) / 1000;
    record["phase"] = phase;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const double mean = values[i] / static_cast<double>(count_);
      record[names[i]] = json_number(mean);
      if (!std::isfinite(mean) && failure_.empty()) failure_ = format("{} is {} at step {}", names[i], mean, step_);
    }
    const double seconds = seconds_since(record_start_);
    const std::int64_t steps_here = step_ - record_start_step_;
    record["speed.images_per_second"] = static_cast<double>(steps_here * options_.global_batch) / seconds;
    write(record);
    const double left = seconds / static_cast<double>(std::max<std::int64_t>(steps_here, 1)) *
                        static_cast<double>(task_.total_steps() - step_);
    std::string line = format("step {} of {}, {}", step_, task_.total_steps(), phase);
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].ends_with(".total") || names.size() == 1) {
        line += format(", {} {:.4g}", names[i], values[i] / static_cast<double>(count_));
      }
    }
    log_info(line + format(", {} left", duration_text(left)));
    sums_ = at::Tensor();
    count_ = 0;
    record_start_ = Clock::now();
    record_start_step_ = step_;
    return failure_.empty();
  }

  void evaluate() {
    const Clock::time_point begin = Clock::now();
    values_ = task_.evaluate();
    Json record;
    record["step"] = step_;
    record["epoch"] = task_.epoch(step_);
    record["time"] = std::round(elapsed() * 1000) / 1000;
    record["phase"] = task_.phase(step_ - 1);
    for (const auto& [name, value] : values_) record[name] = json_number(value);
    write(record);
    record_start_ += Clock::now() - begin;  // evaluation is not part of the training rate
  }

  void write(const Json& record) {
    if (!writes_) return;
    options_.before_write();
    metrics_->write(record);
  }

  void write_samples() {
    const Clock::time_point begin = Clock::now();
    if (writes_) write_pictures(folder_.samples(step_), false);
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
  }

  void write_checkpoint() {
    const Clock::time_point begin = Clock::now();
    const at::Tensor sums = count_ > 0 ? total_sums() : at::Tensor();
    if (writes_) {
      options_.before_write();
      Checkpoint checkpoint;
      task_.save(checkpoint.model, checkpoint.state);
      if (sums.defined()) checkpoint.state["loop.sums"] = sums;
      checkpoint.numbers = {{"step", std::to_string(step_)},
                            {"count", std::to_string(count_)},
                            {"seconds", format("{}", elapsed())}};
      for (const auto& [name, value] : values_) checkpoint.numbers["value." + name] = format("{}", value);
      checkpoint.write(folder_.checkpoint(step_));
      folder_.remove_old_checkpoints(options_.keep_checkpoints);
    }
    record_start_ += Clock::now() - begin;
  }

  RunResult finish(const std::string& state, const std::string& reason) {
    return {.state = state, .reason = reason, .steps = step_, .seconds = elapsed(), .values = values_};
  }

  Task& task_;
  const RunFolder& folder_;
  const LoopOptions& options_;
  Communicator& ranks_;
  const bool writes_;
  std::unique_ptr<JsonLinesWriter> metrics_;
  std::int64_t step_ = 0;   // updates done
  std::int64_t count_ = 0;  // steps since the last record
  at::Tensor sums_;         // of their losses, this rank's share
  std::map<std::string, double> values_;  // of the last evaluation
  std::string failure_;
  Clock::time_point start_, record_start_;
  std::int64_t record_start_step_ = 0;
  double elapsed_before_ = 0;
};

}  // namespace

RunResult train(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks) {
  return Loop(task, folder, options, ranks).run();
}

}  // namespace atelier
