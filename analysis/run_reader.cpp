#include "analysis/run_reader.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <chrono>
#include <cmath>
#include <limits>

#include "analysis/metric_record.h"
#include "analysis/wording.h"
#include "framework/config/document.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr double lease_seconds = 60;  ///< A claim older than this may be taken over: its holder is thought dead.

/// A TOML file of the run, or nothing with a sentence in `problems` when it is damaged.
std::optional<Document> document(RunRecord& run, const char* name) {
  const fs::path file = run.folder / name;
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

double number(const Value& value) {
  return value.is_number() ? value.number() : value.is_text() ? number_in(value.text()) : std::nan("");
}

double number(const Document& document, std::string_view key, double otherwise) {
  const Document::Entry* entry = document.find(key);
  return entry && std::isfinite(number(entry->value)) ? number(entry->value) : otherwise;
}

/// A count of steps or trials, whatever nonsense a file holds.
std::int64_t count(double value) { return static_cast<std::int64_t>(std::clamp(value, 0.0, 1e15)); }

std::string text(const Document& document, std::string_view key) {
  const Document::Entry* entry = document.find(key);
  return entry ? to_text(entry->value) : std::string();
}

void read_trial(RunRecord& run) {
  std::optional<Document> trial = document(run, "trial.toml");
  if (!trial) return;
  run.parameters = settings(trial->take("parameters"));
  const auto whole = [&](std::string_view key) -> std::optional<std::int64_t> {
    const double value = number(*trial, key, -1);
    return value >= 0 ? std::optional(count(value)) : std::nullopt;
  };
  run.number = whole("number");
  run.setting = whole("setting");
  run.seed = whole("seed");
  run.parent = whole("parent");
}

void read_result(RunRecord& run, Document result) {
  for (const Document::Entry& entry : result.take("values")) run.values[entry.key()] = number(entry.value);
  // A sweep that judges by the best or a mean of the records wrote down what it took.
  for (const Document::Entry& entry : result.take("objectives")) run.values[entry.key()] = number(entry.value);
  run.steps = count(number(result, "steps", static_cast<double>(run.steps)));
  run.seconds = number(result, "seconds", run.seconds);
  run.reason = text(result, "reason");
  const std::string state = text(result, "state");
  for (const RunState known : {RunState::finished, RunState::pruned, RunState::failed}) {
    if (state == to_text(known)) {
      run.state = known;
      return;
    }
  }
  run.state = RunState::unreadable;
  run.problems.push_back(
      format("{}: the state is \"{}\", not finished, pruned or failed", (run.folder / "result.toml").string(), state));
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
  const fs::path file = run.folder / "metrics.jsonl";
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
  const fs::path folder = run.folder / "samples";
  run.inputs = pictures(folder / "input");
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
    const std::string text = read_file(run.folder / "log.txt");
    run.log_tail = last_lines(text, 8);
    run.log_tail.resize(std::min<std::size_t>(run.log_tail.size(), 4000));
  } catch (const std::exception&) {
    run.log_tail.clear();  // A run may fail before its first line.
  }
}

/// The newest claim on a trial: its file, and whether its holder gave it back.
struct TrialClaim {
  fs::path file;
  bool released = false;
};

std::optional<TrialClaim> newest_claim(const fs::path& trial) {
  std::string newest;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(trial, ignored)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("claim") && name.ends_with(".json")) newest = std::max(newest, name);
  }
  if (newest.empty()) return std::nullopt;
  const std::string generation = newest.substr(5, newest.size() - 10);  // "-000002", of claim-000002.json.
  return TrialClaim{trial / newest, fs::exists(trial / ("released" + generation), ignored)};
}

/// The state of a run that has no result: it waits, runs, or stopped without a word.
void judge_unended(RunRecord& run) {
  std::error_code ignored;
  const std::optional<TrialClaim> claim = newest_claim(run.folder);
  const bool is_trial = fs::exists(run.folder / "trial.toml", ignored);
  if (claim ? claim->released : is_trial) {
    run.state = RunState::waiting;
    if (run.steps > 0 || !is_trial) {
      run.reason = format("interrupted at step {}; {}", run.steps,
                          is_trial ? "goes on when its sweep does" : "the same command goes on");
    }
    return;
  }
  constexpr double never = std::numeric_limits<double>::infinity();
  double quiet = claim ? age(claim->file).value_or(never) : never;
  for (const char* file : {"metrics.jsonl", "log.txt"}) quiet = std::min(quiet, age(run.folder / file).value_or(never));
  run.state = RunState::running;
  if (quiet > lease_seconds && quiet < never) run.reason = format("no sign of life for {}", duration_in_words(quiet));
}

}  // namespace

std::string_view to_text(RunState state) {
  switch (state) {
    case RunState::waiting:
      return "waiting";
    case RunState::running:
      return "running";
    case RunState::finished:
      return "finished";
    case RunState::pruned:
      return "pruned";
    case RunState::failed:
      return "failed";
    case RunState::unreadable:
      break;
  }
  return "unreadable";
}

const Value* Settings::find(std::string_view key) const {
  for (const auto& [name, value] : items) {
    if (name == key) return &value;
  }
  return nullptr;
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
  read_trial(run);
  if (std::optional<Document> spec = document(run, "spec.toml")) run.spec = settings(spec->entries());
  if (std::optional<Document> origin = document(run, "provenance.toml")) run.provenance = settings(origin->entries());
  const Value* name = run.spec.find("name");
  if (name && name->is_text() && !name->text().empty()) run.name = name->text();

  std::error_code ignored;
  const bool has_result = fs::exists(run.folder / "result.toml", ignored);
  const bool everything = detail == Detail::everything;
  if (everything || !has_result) read_metrics(run);
  if (std::optional<Document> result = document(run, "result.toml")) {
    read_result(run, *std::move(result));
  } else if (has_result) {
    run.state = RunState::unreadable;
  } else {
    judge_unended(run);
  }
  if (everything) read_samples(run);
  if (everything && run.state == RunState::failed) read_log_tail(run);
  if (run.reason.empty() && !run.problems.empty()) run.reason = run.problems.front();
  return run;
}

bool is_run(const fs::path& folder) {
  std::error_code ignored;
  for (const char* file : {"spec.toml", "trial.toml", "metrics.jsonl", "result.toml"}) {
    if (fs::exists(folder / file, ignored)) return true;
  }
  return false;
}

std::optional<double> age(const fs::path& file) {
  std::error_code problem;
  const fs::file_time_type written = fs::last_write_time(file, problem);
  if (problem) return std::nullopt;
  const std::chrono::duration<double> seconds = fs::file_time_type::clock::now() - written;
  return std::max(0.0, seconds.count());
}

}  // namespace atelier
