#include "analysis/run_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "analysis/wording.h"
#include "framework/config/document.h"
#include "framework/core/format.h"
#include "framework/records/metric_record.h"
#include "framework/records/run_folder.h"
#include "framework/records/run_result.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

/// A TOML file of the run, or nothing with a sentence in `problems` when it is damaged.
std::optional<Document> document(RunRecord& run, const fs::path& file) {
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return std::nullopt;
  try {
    return Document::from_file(file);
  } catch (const std::exception& problem) {
    run.problems.emplace_back(problem.what());
    return std::nullopt;
  }
}

Settings settings(const std::vector<Document::Entry>& entries) {
  Settings result;
  for (const Document::Entry& entry : entries) result.items.emplace_back(entry.key(), entry.value);
  return result;
}

/// A count of steps or trials, whatever nonsense a file holds.
std::int64_t count(double value) { return static_cast<std::int64_t>(std::clamp(value, 0.0, 1e15)); }

void read_trial(RunRecord& run) {
  const std::optional<Document> file = document(run, RunFolder(run.folder).trial());
  if (!file) return;
  try {
    if (const std::optional<TrialFile> trial = trial_file_from(*file)) run.set(*trial);
  } catch (const UsageError& problem) {
    run.problems.emplace_back(problem.what());
  }
}

void read_result(RunRecord& run, const Document& document) {
  try {
    const RunResult result = run_result_from(document);
    run.state = result.state;
    run.reason = result.reason;
    if (result.steps > 0) run.steps = result.steps;
    if (result.seconds > 0) run.seconds = result.seconds;
    for (const auto& [name, value] : result.judged()) run.values[name] = value;
  } catch (const UsageError& problem) {
    run.state = std::nullopt;
    run.problems.emplace_back(problem.what());
  }
}

/// Places records into curves. A step that goes back is a run that was killed and resumed: what it records again
/// replaces what it had recorded.
class CurveBuilder {
 public:
  explicit CurveBuilder(RunRecord& run) : run_(run) {}

  void add(const MetricRecord& record) {
    if (!std::isfinite(record.step)) return;
    if (record.step < last_step_) {
      for (auto& [metric, curve] : run_.curves) curve.cut_from(record.step);
    }
    last_step_ = record.step;
    for (std::size_t i = 0; i < record.measures.size(); ++i) {
      const auto& [metric, value] = record.measures[i];
      curve(metric, i).add(record.step, record.time, value);
    }
    run_.steps = count(record.step);
    if (std::isfinite(record.time)) run_.seconds = record.time;
  }

 private:
  /// `place`: in the record; most records name the same measures in the same order as the first.
  Curve& curve(const std::string& metric, std::size_t place) {
    if (place < run_.curves.size() && run_.curves[place].first == metric) return run_.curves[place].second;
    const auto [known, fresh] = index_.try_emplace(metric, run_.curves.size());
    if (fresh) run_.curves.emplace_back(metric, Curve{});
    return run_.curves[known->second].second;
  }

  RunRecord& run_;
  std::map<std::string, std::size_t> index_;
  double last_step_ = -std::numeric_limits<double>::infinity();
};

void read_metrics(RunRecord& run) {
  const fs::path file = RunFolder(run.folder).metrics();
  std::size_t skipped = 0;
  try {
    CurveBuilder builder(run);
    skipped = read_metric_records(file, [&](const MetricRecord& record) { builder.add(record); });
  } catch (const std::exception& problem) {
    run.problems.emplace_back(problem.what());
  }
  // A last line without its end is what a running or killed program leaves; only more is worth a word.
  if (skipped > 1)
    run.problems.push_back(format("{}: {} lines are no records and were skipped", file.string(), skipped));
  for (const auto& [metric, curve] : run.curves) {
    if (curve.size() > 0) run.values.try_emplace(metric, curve.values.back());
  }
}

std::map<std::string, fs::path> pictures(const fs::path& folder) {
  std::map<std::string, fs::path> result;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (entry.path().extension() == ".png" && entry.file_size(ignored) > 0) {
      result[entry.path().stem().string()] = entry.path();
    }
  }
  return result;
}

void read_samples(RunRecord& run) {
  const fs::path folder = RunFolder(run.folder).samples();
  run.inputs = pictures(RunFolder(run.folder).input_samples());
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    SampleStep sample;
    const auto end = name.data() + name.size();
    if (std::from_chars(name.data(), end, sample.step).ptr != end) continue;
    sample.pictures = pictures(entry.path());
    if (!sample.pictures.empty()) run.samples.push_back(std::move(sample));
  }
  std::sort(run.samples.begin(), run.samples.end(), [](const auto& a, const auto& b) { return a.step < b.step; });
}

std::string last_lines(const std::string& text, int count) {
  const std::size_t last = text.find_last_not_of('\n');
  if (last == std::string::npos) return {};
  std::size_t start = last + 1;  // Of what is kept; one line is added in front of it at a time.
  for (; count > 0 && start > 0; --count) {
    const std::size_t end_before = start > 1 ? text.rfind('\n', start - 2) : std::string::npos;
    start = end_before == std::string::npos ? 0 : end_before + 1;
  }
  return text.substr(start, last + 1 - start);
}

void read_log_tail(RunRecord& run) {
  try {
    const std::string text = read_file(RunFolder(run.folder).log());
    run.log_tail = last_lines(text, 8);
    run.log_tail.resize(std::min<std::size_t>(run.log_tail.size(), 4000));
  } catch (const std::exception&) {
    run.log_tail.clear();  // A run may fail before its first line.
  }
}

/// The state of a run that has no result: it waits, runs, or stopped without a word.
void judge_unended(RunRecord& run) {
  std::error_code ignored;
  const RunFolder folder(run.folder);
  const std::optional<ClaimHolder> claim = Claim::holder(run.folder);
  const bool is_trial = fs::exists(folder.trial(), ignored);
  if (claim ? claim->released : is_trial) {
    run.state = TrialState::waiting;
    if (run.steps > 0 || !is_trial) {
      run.reason = format("interrupted at step {}; {}", run.steps,
                          is_trial ? "goes on when its sweep does" : "the same command goes on");
    }
    return;
  }
  constexpr double never = std::numeric_limits<double>::infinity();
  double quiet = never;
  for (const fs::path& file : {folder.metrics(), folder.log(), claim ? Claim::file(run.folder, claim->generation) : ""})
    quiet = std::min(quiet, age(file).value_or(never));
  const std::chrono::duration<double> lease = claim.value_or(ClaimHolder()).lease;
  run.state = TrialState::running;
  if (quiet > lease.count() && quiet < never) run.reason = format("no sign of life for {}", duration_in_words(quiet));
}

}  // namespace

std::string_view to_text(std::optional<TrialState> state) { return state ? to_text(*state) : "unreadable"; }

const Value* Settings::find(std::string_view key) const { return atelier::find(items, key); }

void RunRecord::set(const TrialFile& trial) {
  number = trial.number;
  if (trial.seed) setting = trial.setting;  // without seeds each trial is a setting of its own
  seed = trial.seed;
  parent = trial.parent;
  may_have_learned = trial.may_have_learned();
  says_whether_learned = trial.enqueued || trial.learned;
  parameters.items = trial.parameters;
}

double RunRecord::value(const std::string& metric) const {
  const auto found = values.find(metric);
  return found == values.end() ? std::nan("") : found->second;
}

RunRecord read_run(const fs::path& folder, Detail detail) {
  RunRecord run;
  run.folder = folder;
  const fs::path named = folder.has_filename() ? folder : folder.parent_path();
  run.name = fs::weakly_canonical(named).filename().string();
  const RunFolder files(folder);
  read_trial(run);
  if (std::optional<Document> spec = document(run, files.spec())) run.spec = settings(spec->entries());
  if (std::optional<Document> origin = document(run, files.provenance())) run.provenance = settings(origin->entries());
  const Value* name = run.spec.find("name");
  if (name && name->is_text() && !name->text().empty()) run.name = name->text();

  std::error_code ignored;
  const bool has_result = fs::exists(files.result(), ignored);
  const bool everything = detail == Detail::everything;
  if (everything || !has_result) read_metrics(run);
  if (std::optional<Document> result = document(run, files.result())) {
    read_result(run, *result);
  } else if (has_result) {
    run.state = std::nullopt;
  } else {
    judge_unended(run);
  }
  if (everything) read_samples(run);
  if (everything && run.state == TrialState::failed) read_log_tail(run);
  if (run.reason.empty() && !run.problems.empty()) run.reason = run.problems.front();
  return run;
}

bool is_run(const fs::path& folder) {
  std::error_code ignored;
  const RunFolder files(folder);
  const auto there = [&](const fs::path& file) { return fs::exists(file, ignored); };
  return there(files.spec()) || there(files.trial()) || there(files.metrics()) || there(files.result());
}

std::optional<double> age(const fs::path& file) {
  std::error_code problem;
  const fs::file_time_type written = fs::last_write_time(file, problem);
  if (problem) return std::nullopt;
  const std::chrono::duration<double> seconds = fs::file_time_type::clock::now() - written;
  return std::max(0.0, seconds.count());
}

}  // namespace atelier
