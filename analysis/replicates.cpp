#include "analysis/replicates.h"

#include <cmath>

#include "analysis/statistics/student_t.h"

namespace atelier {
namespace {

Json number_or_null(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

void add_ranks(const Comparison& comparison, std::vector<Replicates>& settings) {
  std::vector<std::vector<Scores>> measured;
  for (const Replicates& setting : settings) {
    if (!setting.feasible) continue;
    measured.emplace_back();
    for (const std::size_t trial : setting.trials)
      measured.back().push_back(comparison.scores(comparison.trials[trial]));
  }
  if (measured.size() < 2) return;
  const auto ranks = rank_bootstrap(measured);
  if (!ranks) return;
  std::size_t next = 0;
  for (Replicates& setting : settings) {
    if (setting.feasible) setting.rank = (*ranks)[next++];
  }
}

}  // namespace

std::vector<Replicates> replicates(const Comparison& comparison) {
  std::vector<Replicates> settings;
  std::map<std::size_t, std::size_t> places;
  for (const std::size_t i : comparison.ranking()) {
    const Comparison::Trial& trial = comparison.trials[i];
    const auto [place, fresh] = places.try_emplace(trial.setting, settings.size());
    if (fresh) settings.emplace_back();
    settings[place->second].trials.push_back(i);
    settings[place->second].feasible = settings[place->second].feasible && trial.feasible;
  }
  for (Replicates& setting : settings) {
    for (const Objective& objective : comparison.objectives) {
      std::vector<double> values;
      for (const std::size_t trial : setting.trials)
        values.push_back(comparison.trials[trial].run.value(objective.metric));
      setting.measured[objective.metric] = mean_interval(values);
    }
  }
  add_ranks(comparison, settings);
  return settings;
}

std::vector<MeasuredSetting> measured_settings(const Comparison& comparison, const std::string& metric) {
  std::vector<MeasuredSetting> settings;
  std::map<std::size_t, std::size_t> places;
  for (std::size_t i = 0; i < comparison.trials.size(); ++i) {
    const Comparison::Trial& trial = comparison.trials[i];
    const double value = trial.run.value(metric);
    if (trial.run.state != TrialState::finished || !trial.comparable || !std::isfinite(value)) continue;
    const auto [place, fresh] = places.try_emplace(trial.setting, settings.size());
    if (fresh) settings.emplace_back();
    settings[place->second].trials.push_back(i);
    settings[place->second].value += value;
  }
  for (MeasuredSetting& setting : settings) setting.value /= static_cast<double>(setting.trials.size());
  return settings;
}

Json intervals_json(const std::vector<Replicates>& settings) {
  Json json = Json::object();
  for (const Replicates& setting : settings) {
    if (setting.trials.size() < 2) continue;
    Json measured = Json::object();
    for (const auto& [metric, interval] : setting.measured) {
      measured[metric] = {{"mean", interval.middle},
                          {"low", number_or_null(interval.low)},
                          {"high", number_or_null(interval.high)},
                          {"n", interval.n}};
    }
    for (const std::size_t trial : setting.trials) json[std::to_string(trial)] = measured;
  }
  return json;
}

Json ranks_json(const std::vector<Replicates>& settings) {
  Json json = Json::object();
  for (const Replicates& setting : settings) {
    if (!setting.rank) continue;
    for (const std::size_t trial : setting.trials) {
      json[std::to_string(trial)] = {
          {"low", setting.rank->low}, {"high", setting.rank->high}, {"best", setting.rank->best}};
    }
  }
  return json;
}

}  // namespace atelier
