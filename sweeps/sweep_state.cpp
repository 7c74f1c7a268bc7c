#include "sweeps/sweep_state.h"

#include <algorithm>
#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"

namespace atelier {
SweepState::SweepState(const SweepFolder& folder, const Objectives& objectives, std::int64_t seeds)
    : folder_(folder), objectives_(objectives), seeds_(seeds), journal_(folder.journal()) {
  history_.objectives = static_cast<std::int64_t>(objectives.all().size());
}

void SweepState::refresh() {
  constexpr std::chrono::milliseconds look_every{1000};
  if (std::chrono::steady_clock::now() - last_look_ >= look_every) {
    look();
  } else {
    read_journals(/*look_for_new=*/false);
  }
}

void SweepState::look() {
  read_journals(/*look_for_new=*/true);
  look_at_folder();
  last_look_ = std::chrono::steady_clock::now();
}

void SweepState::read_journals(bool look_for_new) {
  journal_.refresh(look_for_new,
                   [this](const std::string&, std::optional<double>, const SweepEvent& event) { note(event); });
}

std::int64_t SweepState::ended() const {
  return count(TrialState::finished) + count(TrialState::pruned) + count(TrialState::failed);
}

void SweepState::note(const SweepEvent& event) {
  std::visit([this](const auto& what) { take(what); }, event);
}

bool SweepState::knows(std::int64_t number) {
  if (find(number)) return true;
  std::string problem;
  const std::optional<TrialFile> file = read_trial(number, problem);
  if (!problem.empty()) note_unreadable(number, problem);
  if (file) note_trial(number, *file);
  return file.has_value();
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
  note_trial(number, {.number = number, .setting = number / seeds_});
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
      take(TrialEnded{.trial = number, .generation = trials_.at(number).generation, .result = judged});
    } catch (const UsageError&) {
      // Emptied by a crash of the machine: the trial runs again, and replaces it.
      std::filesystem::remove(run.result(), ignored);
    }
  }
}

void SweepState::forget(std::int64_t number) {
  Known& trial = trials_.at(number);
  --counts_[trial.state];
  enqueued_ -= trial.file.enqueued ? 1 : 0;
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
  enqueued_ += file.enqueued ? 1 : 0;
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
  if (has_ended(state)) {
    open_.erase(number);
  } else {
    open_.insert(number);
  }
  update_setting(trial.file.setting);
}

SweepState::Known& SweepState::known(std::int64_t number) { return trials_.at(number); }

// Journals are read in any order: the generation of the claim says what came later.

void SweepState::take(const TrialStarted& event) {
  note_trial(event.trial.number, event.trial);
  note_started(event.trial.number, event.generation);
}

void SweepState::note_started(std::int64_t number, std::int64_t generation) {
  if (!find(number)) return;
  Known& trial = known(number);
  if (generation <= trial.generation && trial.state != TrialState::waiting) return;
  if (generation < trial.generation) return;
  trial.generation = generation;
  set_state(number, trial, TrialState::running);
}

void SweepState::take(const TrialRecorded& event) {
  const auto [number, generation, at, value] = event;
  if (!knows(number)) return;  // deleted meanwhile
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

void SweepState::take(const TrialEnded& event) {
  const auto& [number, generation, result] = event;
  if (!knows(number)) return;
  Known& trial = known(number);
  if (generation < trial.generation || (generation == trial.generation && has_ended(trial.state))) return;
  trial.generation = generation;
  if (trial.state != TrialState::finished) trial.seconds = result.seconds;
  trial.values = result.values;
  trial.reason = result.reason;
  set_state(number, trial, result.state);
}

void SweepState::take(const TrialAgain& event) {
  const auto [number, generation] = event;
  if (!knows(number)) return;
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
