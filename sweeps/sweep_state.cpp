#include "sweeps/sweep_state.h"

#include <algorithm>
#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/storage/value_json.h"

namespace atelier {
namespace {

constexpr std::int64_t largest_number = 1'000'000'000'000;  // of a trial; what is above was not written by us

TrialState state_of(const std::string& text) {
  return text == "finished" ? TrialState::finished : text == "pruned" ? TrialState::pruned : TrialState::failed;
}

/// What a trial is, as the line says it that told of its start: the same as its own file.
TrialFile file_of(const Json& line) {
  TrialFile file;
  file.setting = line.value("setting", line.value("trial", std::int64_t{0}));
  if (line.contains("seed")) file.seed = line.value("seed", std::int64_t{0});
  if (line.contains("parent")) file.parent = line.value("parent", std::int64_t{0});
  file.asked_for = line.value("asked_for", false);
  if (line.contains("parameters") && line["parameters"].is_object()) {
    for (const auto& [key, value] : line["parameters"].items()) file.parameters.emplace_back(key, value_of_json(value));
  }
  return file;
}

}  // namespace

SweepState::SweepState(const SweepFolder& folder, const Objectives& objectives, std::int64_t seeds)
    : folder_(folder), objectives_(objectives), seeds_(seeds), journal_(folder.journal()) {
  history_.objectives = static_cast<std::int64_t>(objectives.measures().size());
}

void SweepState::refresh(bool thorough) {
  journal_.refresh(thorough, [this](const std::string& writer, const Json& line) {
    try {
      on_line(line);
    } catch (const Json::exception& problem) {
      // Not by us. What counts is in the trials' own folders.
      log_warning(format("{}: a line was left out: {}", (folder_.journal() / writer).string(), problem.what()));
    }
  });
  if (thorough) look_at_folder();
}

void SweepState::on_line(const Json& line) {
  const auto number = line.find("trial");
  if (number == line.end() || !number->is_number_integer()) return;
  const std::int64_t trial = number->get<std::int64_t>();
  if (trial < 0 || trial > largest_number) return;
  const std::string event = line.value("event", "");
  const std::int64_t generation = line.value("generation", std::int64_t{0});
  if (!find(trial)) {
    std::string problem;
    const std::optional<TrialFile> file = event == "start" ? file_of(line) : read_trial(trial, problem);
    if (!problem.empty()) note_unreadable(trial, problem);
    if (!file) return;  // its folder is gone
    note_trial(trial, *file);
  }
  if (event == "start") {
    note_started(trial, generation);
  } else if (event == "report") {
    if (line.contains("at") && line.contains("value"))
      note_report(trial, generation, number_in(line["at"]), number_in(line["value"]));
  } else if (event == "again") {
    note_again(trial, generation);
  } else if (event == "end") {
    RunResult result;
    result.state = line.value("state", "failed");
    result.reason = line.value("reason", "");
    result.seconds = line.value("seconds", 0.0);
    if (line.contains("values") && line["values"].is_object()) {
      for (const auto& [name, value] : line["values"].items()) result.values[name] = number_in(value);
    }
    note_ended(trial, generation, result);
  }
}

std::optional<TrialFile> SweepState::read_trial(std::int64_t number, std::string& problem) const {
  try {
    return folder_.read_trial(number);
  } catch (const UsageError& error) {
    problem = error.what();
    return std::nullopt;
  }
}

void SweepState::note_unreadable(std::int64_t number, const std::string& problem) {
  // Nobody can say what this trial is; the others go on.
  log_warning(problem);
  note_trial(number, {.identity = {}, .parameters = {}, .setting = number / seeds_, .seed = {}, .parent = {}});
  Known& trial = known(number);
  trial.reason = problem;
  set_state(number, trial, TrialState::failed);
}

void SweepState::look_at_folder() {
  std::set<std::int64_t> there;
  std::error_code problem;
  for (const auto& entry : std::filesystem::directory_iterator(folder_.trials(), problem)) {
    const std::optional<std::int64_t> number = SweepFolder::number_of(entry.path());
    if (!number) continue;
    there.insert(*number);
    next_ = std::max(next_, *number + 1);
    if (find(*number)) continue;
    // Claimed and not yet chosen, or of a worker whose journal is lost.
    std::string unreadable;
    const std::optional<TrialFile> file = read_trial(*number, unreadable);
    if (file) note_trial(*number, *file);
    if (!unreadable.empty()) note_unreadable(*number, unreadable);
  }
  if (problem) return;
  std::vector<std::int64_t> gone;
  for (const auto& [number, trial] : trials_) {
    if (!there.contains(number)) gone.push_back(number);
  }
  for (const std::int64_t number : gone) forget(number);
  if (!looked_) {
    // A trial that was deleted and is being run again tells twice of the same generation: what counts is the result.
    looked_ = true;
    std::vector<std::int64_t> undone;
    for (const auto& [number, trial] : trials_) {
      std::error_code ignored;
      const bool unreadable = trial.file.parameters.empty();
      if (!unreadable && !open_.contains(number) && !std::filesystem::exists(folder_.trial(number).result(), ignored))
        undone.push_back(number);
    }
    for (const std::int64_t number : undone) set_state(number, trials_.at(number), TrialState::waiting);
  }
  // A worker may have died between a result and the line in its journal.
  for (const std::int64_t number : std::vector<std::int64_t>(open_.begin(), open_.end())) {
    const RunFolder run = folder_.trial(number);
    std::error_code ignored;
    if (!std::filesystem::exists(run.result(), ignored)) continue;
    try {
      const std::optional<RunResult> result = run.read_result();
      RunResult judged = *result;
      judged.values = result->judged();
      note_ended(number, trials_.at(number).generation, judged);
    } catch (const UsageError&) {
      // Emptied by a crash of the machine: the trial runs again, and replaces it.
      std::filesystem::remove(run.result(), ignored);
    }
  }
}

void SweepState::forget(std::int64_t number) {
  Known& trial = trials_.at(number);
  --counts_[trial.state];
  asked_for_ -= trial.file.asked_for ? 1 : 0;
  if (trial.state == TrialState::finished) finished_seconds_ -= trial.seconds;
  open_.erase(number);
  const std::int64_t setting = trial.file.setting;
  const auto named = settings_.find(parameters_text(trial.file.parameters));
  if (named != settings_.end() && named->second == setting) settings_.erase(named);
  trials_.erase(number);
  all_known_below_ = std::min(all_known_below_, number);
  // Numbers that nothing stands for are given again.
  next_ = 0;
  for (const auto& [other, known] : trials_) next_ = std::max(next_, other + 1);
  update_setting(setting);
}

const SweepState::Known* SweepState::find(std::int64_t number) const {
  const auto found = trials_.find(number);
  return found == trials_.end() ? nullptr : &found->second;
}

std::int64_t SweepState::first_unknown() const {
  while (find(all_known_below_)) ++all_known_below_;
  return all_known_below_;
}

std::int64_t SweepState::count(TrialState state) const {
  const auto found = counts_.find(state);
  return found == counts_.end() ? 0 : found->second;
}

double SweepState::mean_seconds() const {
  const std::int64_t finished = count(TrialState::finished);
  return finished == 0 ? 0 : finished_seconds_ / static_cast<double>(finished);
}

std::optional<std::int64_t> SweepState::setting_with(const Parameters& parameters) const {
  const auto found = settings_.find(parameters_text(parameters));
  return found == settings_.end() ? std::nullopt : std::optional(found->second);
}

void SweepState::note_trial(std::int64_t number, const TrialFile& file) {
  if (find(number)) return;
  trials_.emplace(number, Known{.file = file});
  ++counts_[TrialState::waiting];
  asked_for_ += file.asked_for ? 1 : 0;
  open_.insert(number);
  next_ = std::max(next_, number + 1);
  if (!file.parameters.empty()) settings_.emplace(parameters_text(file.parameters), file.setting);
  update_setting(file.setting);
}

void SweepState::set_state(std::int64_t number, Known& trial, TrialState state) {
  --counts_[trial.state];
  ++counts_[state];
  if (trial.state == TrialState::finished) finished_seconds_ -= trial.seconds;
  if (state == TrialState::finished) finished_seconds_ += trial.seconds;
  trial.state = state;
  if (state == TrialState::waiting || state == TrialState::running) {
    open_.insert(number);
  } else {
    open_.erase(number);
  }
  update_setting(trial.file.setting);
}

SweepState::Known& SweepState::known(std::int64_t number) { return trials_.at(number); }

// Journals are read in any order: the generation of the claim says what came later.

void SweepState::note_started(std::int64_t number, std::int64_t generation) {
  if (!find(number)) return;
  Known& trial = known(number);
  if (generation <= trial.generation && trial.state != TrialState::waiting) return;
  if (generation < trial.generation) return;
  trial.generation = generation;
  set_state(number, trial, TrialState::running);
}

void SweepState::note_report(std::int64_t number, std::int64_t generation, double at, double value) {
  if (!find(number)) return;  // deleted meanwhile
  Known& trial = known(number);
  if (generation <= trial.void_until) return;
  if (generation > trial.generation) note_started(number, generation);
  // A trial that was taken over says some of it twice.
  const auto place = std::lower_bound(trial.curve.begin(), trial.curve.end(), at,
                                      [](const auto& point, double x) { return point.first < x; });
  const auto index = place - trial.curve.begin();
  if (place != trial.curve.end() && place->first == at) {
    place->second = value;
    trial.said_under[static_cast<std::size_t>(index)] = generation;
  } else {
    trial.curve.insert(place, {at, value});
    trial.said_under.insert(trial.said_under.begin() + index, generation);
  }
  update_setting(trial.file.setting);
}

void SweepState::note_ended(std::int64_t number, std::int64_t generation, const RunResult& result) {
  if (!find(number)) return;
  Known& trial = known(number);
  const bool ended = trial.state != TrialState::waiting && trial.state != TrialState::running;
  if (generation < trial.generation || (generation == trial.generation && ended)) return;
  trial.generation = generation;
  if (trial.state != TrialState::finished) trial.seconds = result.seconds;
  trial.values = result.values;
  trial.reason = result.reason;
  set_state(number, trial, state_of(result.state));
}

void SweepState::note_again(std::int64_t number, std::int64_t generation) {
  if (!find(number)) return;
  Known& trial = known(number);
  trial.void_until = std::max(trial.void_until, generation);
  for (std::size_t i = trial.curve.size(); i-- > 0;) {
    if (trial.said_under[i] > trial.void_until) continue;
    trial.curve.erase(trial.curve.begin() + static_cast<std::ptrdiff_t>(i));
    trial.said_under.erase(trial.said_under.begin() + static_cast<std::ptrdiff_t>(i));
  }
  if (generation < trial.generation) return update_setting(trial.file.setting);
  trial.generation = generation;
  trial.values.clear();
  trial.reason.clear();
  set_state(number, trial, TrialState::waiting);
}

void SweepState::update_setting(std::int64_t setting) {
  // The trials of a setting, as one: its mean, once all seeds have ended.
  Trial merged;
  merged.number = setting;
  std::int64_t present = 0, ended = 0, good = 0, pruned = 0, running = 0;
  std::map<std::string, std::pair<double, std::int64_t>> sums;
  const std::vector<std::pair<double, double>>* curve = nullptr;
  for (std::int64_t k = 0; k < seeds_; ++k) {
    const Known* trial = find(setting * seeds_ + k);
    if (!trial) continue;
    if (present++ == 0) merged.parameters = trial->file.parameters;
    running += trial->state == TrialState::running;
    const bool has_values = trial->state == TrialState::finished || trial->state == TrialState::pruned;
    ended += has_values || trial->state == TrialState::failed;
    good += has_values;
    pruned += trial->state == TrialState::pruned;
    if (!curve || trial->curve.size() > curve->size()) curve = &trial->curve;
    if (!trial->reason.empty()) merged.reason = trial->reason;
    if (!has_values) continue;
    for (const auto& [name, value] : trial->values) {
      sums[name].first += value;
      ++sums[name].second;
    }
  }
  auto& trials = history_.trials;
  const auto place = std::lower_bound(trials.begin(), trials.end(), setting,
                                      [](const Trial& t, std::int64_t n) { return t.number < n; });
  const bool there = place != trials.end() && place->number == setting;
  if (present == 0) {
    if (there) trials.erase(place);
    return;
  }
  if (curve) merged.curve = *curve;
  if (ended == seeds_ && good > 0) {
    std::map<std::string, double> means;
    for (const auto& [name, sum] : sums) means[name] = sum.first / static_cast<double>(sum.second);
    merged.values = objectives_.values(means);
    merged.violations = objectives_.violations(means);
    const bool measured =
        std::none_of(merged.values.begin(), merged.values.end(), [](double v) { return std::isnan(v); });
    if (!measured) merged.values.clear();
    merged.state = pruned > 0 ? TrialState::pruned : measured ? TrialState::finished : TrialState::failed;
  } else if (ended == seeds_) {
    merged.state = TrialState::failed;
  } else {
    merged.state = running > 0 || ended > 0 ? TrialState::running : TrialState::waiting;
  }
  if (there) {
    *place = std::move(merged);
  } else {
    trials.insert(place, std::move(merged));
  }
}

}  // namespace atelier
