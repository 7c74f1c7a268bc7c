#include "framework/training/run_recorder.h"

#include <sys/resource.h>

#include <algorithm>
#include <cmath>

#include "framework/core/duration.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

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

}  // namespace

RunRecorder::RunRecorder(Task& task, const RunFolder& folder, const LoopOptions& options, Communicator& ranks)
    : task_(task),
      folder_(folder),
      options_(options),
      ranks_(ranks),
      tensors_over_ranks_(make_tensor_reduction(ranks)),
      writes_(ranks.rank() == 0),
      losses_(*tensors_over_ranks_) {}

bool RunRecorder::record_is_due() const {
  return last() || due(options_.record.metrics_every) || task_.phase(step_) != task_.phase(step_ - 1);
}

bool RunRecorder::evaluation_is_due() const {
  const bool here = last() || due(options_.record.evaluate_every);
  // An interruption that came before it may have come at the end of a shorter training, which is measured only where
  // the best checkpoint is chosen by that.
  return unseen_ ? unmeasured_ && (here || !options_.record.best.empty()) : here;
}

bool RunRecorder::samples_are_due() const { return last() || due(options_.record.samples_every); }

double RunRecorder::elapsed() const { return elapsed_before_ + seconds_since(start_); }

void RunRecorder::resume() {
  const std::string found =
      ranks_.broadcast(writes_ ? std::to_string(folder_.newest_checkpoint().value_or(-1)) : std::string(), 0);
  if (found != "-1") {
    step_ = std::stoll(found);
    read_checkpoint(Checkpoint::read(folder_, step_));
    log_info(format("going on at step {} of {}", step_, task_.total_steps()));
  }
  on_first_rank(ranks_, [&] { begin_files(); });
  start_ = record_start_ = Clock::now();
  record_start_step_ = step_;
}

void RunRecorder::read_checkpoint(const Checkpoint& checkpoint) {
  task_.load(checkpoint.model, checkpoint.state);
  const std::int64_t count = checkpoint.whole_number("count");
  elapsed_before_ = checkpoint.number("seconds");
  if (const auto unseen = checkpoint.numbers.find("unseen"); unseen != checkpoint.numbers.end()) {
    unseen_ = true;
    unmeasured_ = unseen->second == "measures";
  }
  if (count > 0) losses_.restore(checkpoint.state.at("loop.sums"), count);
  for (const auto& [name, text] : checkpoint.numbers) {
    if (name.starts_with("value.")) values_[name.substr(6)] = checkpoint.number(name);
    if (name == "recorded.time") {
      recorded_time_ = checkpoint.number(name);
    } else if (name.starts_with("recorded.")) {
      recorded_[name.substr(9)] = checkpoint.number(name);
    }
  }
  // Another measure than before begins anew.
  const auto& numbers = checkpoint.numbers;
  if (numbers.contains("best.step") && numbers.at("best.measure") == options_.record.best &&
      (numbers.at("best.is") == "highest") == options_.highest_is_best) {
    best_ = {.step = checkpoint.whole_number("best.step"),
             .measure = options_.record.best,
             .value = checkpoint.number("best.value"),
             .highest = options_.highest_is_best};
  }
}

void RunRecorder::begin_files() {
  options_.context.before_write();
  folder_.remove_unfinished_checkpoints();
  // A kill may have come between a checkpoint and the file that names it as the best.
  if (std::filesystem::exists(folder_.checkpoints()) && folder_.best_checkpoint() != best_)
    folder_.write_best_checkpoint(best_);
  const bool again = unseen_ && evaluation_is_due();
  filter_json_lines(
      folder_.metrics(),
      [&](const Json& r) {
        const auto step = r.value(record_key::step, std::int64_t{0});
        return step < step_ ||
               (step == step_ && (!again || r.contains("speed.step_seconds")));  // of losses, not of measures
      },
      options_.context.before_write);
  metrics_ = std::make_unique<JsonLinesWriter>(folder_.metrics());
  if (options_.record.tensorboard) events_ = std::make_unique<EventFile>(folder_.path(), step_);
  if (!std::filesystem::exists(folder_.input_samples())) write_pictures(folder_.input_samples(), true);
}

void RunRecorder::add(const at::Tensor& losses) {
  losses_.add(losses);
  ++step_;
}

void RunRecorder::write_record() {
  const std::string phase = task_.phase(step_ - 1);
  const std::vector<std::string> names = task_.metric_names(phase);
  const at::Tensor total = losses_.total();
  const double seconds = seconds_since(record_start_);
  const std::int64_t steps_here = std::max<std::int64_t>(step_ - record_start_step_, 1);
  const double* sums = total.data_ptr<double>();
  std::map<std::string, double> means;
  Json record = new_record();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double mean = sums[i] / static_cast<double>(losses_.steps());
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
  losses_.clear();
  if (failure_.empty()) {
    reason_to_end_ = task_.reason_to_end(means).value_or("");
  } else {
    if (const std::string tensor = first_not_finite(); !tensor.empty())
      failure_ += "; the first tensor that is not finite: " + tensor;
  }
  record_start_ = Clock::now();
  record_start_step_ = step_;
}

/// Ranks see other pictures: the first that finds something speaks.
std::string RunRecorder::first_not_finite() {
  for (const std::string& found : ranks_.gather(task_.first_not_finite(step_))) {
    if (!found.empty()) return found;
  }
  return {};
}

Json RunRecorder::new_record() {
  Json record;
  recorded_time_ = std::round(elapsed() * 1000) / 1000;
  record[record_key::step] = step_;
  record[record_key::epoch] = task_.epoch(step_);
  record[record_key::time] = recorded_time_;
  record[record_key::phase] = task_.phase(step_ - 1);
  return record;
}

bool RunRecorder::write_measures() {
  const Pause pause(*this);
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
  return ranks_.any(writes_ && note_best());  // by rank 0's bits: saving is collective
}

std::string RunRecorder::ask_listener() {
  if (!options_.context.reason_to_prune || recorded_.empty()) return {};
  std::string reason;
  if (writes_) {
    const MetricRecord record{.step = static_cast<double>(step_),
                              .epoch = task_.epoch(step_),
                              .time = recorded_time_,
                              .measures = {recorded_.begin(), recorded_.end()}};
    reason = options_.context.reason_to_prune(record).value_or("");
  }
  recorded_.clear();
  return ranks_.broadcast(reason, 0);
}

bool RunRecorder::note_best() {
  if (options_.record.best.empty()) return false;
  const auto found = values_.find(options_.record.best);
  if (found == values_.end()) {
    throw Error(format("the best checkpoint is to be chosen by {}, which was not measured; there are {}",
                       options_.record.best, joined(values_)));
  }
  const double value = found->second;
  if (!std::isfinite(value)) return false;
  if (best_ && (options_.highest_is_best ? value <= best_->value : value >= best_->value)) return false;
  best_ = {.step = step_, .measure = options_.record.best, .value = value, .highest = options_.highest_is_best};
  return true;
}

void RunRecorder::write(const Json& record) {
  if (!writes_) return;
  options_.context.before_write();
  metrics_->write(record);
  if (!events_) return;
  std::map<std::string, double> numbers;
  for (const auto& [name, value] : record.items()) {
    if (name.find('.') != name.npos)
      numbers[name] = number_in(value);  // measures; an event has its step and time besides
  }
  events_->write_scalars(step_, numbers);
}

void RunRecorder::write_samples() {
  const Pause pause(*this);
  bool stopped = false;
  try {
    if (writes_) write_pictures(folder_.samples(step_), false);
  } catch (const StoppedEarly&) {
    stopped = true;
  }
  if (ranks_.any(stopped)) throw StoppedEarly();
}

void RunRecorder::write_pictures(const std::filesystem::path& folder, bool inputs) {
  options_.context.before_write();
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

void RunRecorder::write_picture_events(const std::filesystem::path& folder) {
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

std::map<std::string, std::string> RunRecorder::numbers() const {
  std::map<std::string, std::string> numbers{{"step", std::to_string(step_)},
                                             {"count", std::to_string(losses_.steps())},
                                             {"seconds", format("{}", elapsed())}};
  for (const auto& [name, value] : values_) numbers["value." + name] = format("{}", value);
  if (unseen_) {
    numbers["unseen"] = unmeasured_ ? "measures" : "pictures";
    for (const auto& [name, value] : recorded_) numbers["recorded." + name] = format("{}", value);
    numbers["recorded.time"] = format("{}", recorded_time_);
  }
  if (best_) {
    numbers["best.step"] = std::to_string(best_->step);
    numbers["best.measure"] = best_->measure;
    numbers["best.value"] = format("{}", best_->value);
    numbers["best.is"] = best_->highest ? "highest" : "lowest";
  }
  return numbers;
}

void RunRecorder::save() {
  const Pause pause(*this);
  const at::Tensor losses = losses_.rows();
  if (!writes_) return;
  writer_.wait();  // the snapshot may still be on its way to the disk
  options_.context.before_write();
  Checkpoint checkpoint;
  task_.save(checkpoint.model, checkpoint.state);
  if (losses.defined()) checkpoint.state["loop.sums"] = losses;
  checkpoint.numbers = numbers();
  snapshot_.copy(checkpoint);
  writer_.begin([this, step = step_, best = best_] {
    options_.context.before_write();
    snapshot_.write(folder_.checkpoint(step), options_.context.before_write);
    if (best && best->step == step) folder_.write_best_checkpoint(best);
    folder_.remove_old_checkpoints(options_.record.keep);
  });
}

void RunRecorder::save_unseen() {
  if (unseen_) return;
  unmeasured_ = evaluation_is_due();
  unseen_ = true;
  save();
}

void RunRecorder::name_last_best() {
  if (!writes_) return;
  writer_.wait();
  options_.context.before_write();
  folder_.write_best_checkpoint(best_);
  folder_.remove_old_checkpoints(options_.record.keep);
}

RunResult RunRecorder::end(TrialState state, const std::string& reason) {
  writer_.wait();
  return {.state = state, .reason = reason, .steps = step_, .seconds = elapsed(), .values = values_};
}

void RunRecorder::interrupt() {
  writer_.wait();
  throw Interrupted(format("stopped at step {} of {}; run the same command to go on", step_, task_.total_steps()));
}

}  // namespace atelier
