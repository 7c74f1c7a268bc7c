#include "analysis/comparison.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "analysis/measure.h"
#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

UsageError not_ours(const fs::path& folder) {
  if (!fs::exists(folder)) return UsageError(format("{}: no such folder", folder.string()));
  std::string inside;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (inside.empty() && (is_sweep(entry.path()) || is_run(entry.path()))) inside = entry.path().string();
  }
  return UsageError(
      format("{}: neither a sweep (no sweep.toml, no trials/) nor a run (no spec.toml, no metrics.jsonl){}",
             folder.string(), inside.empty() ? "" : "; inside it lies " + inside));
}

void add_folder(Comparison& comparison, const fs::path& folder, Detail detail,
                std::map<std::string, std::string>& scales) {
  const std::size_t source = comparison.sources.size();
  if (is_sweep(folder)) {
    SweepRecord sweep = read_sweep(folder, detail);
    comparison.sources.push_back({folder, sweep.name, true, sweep.planned, sweep.problems});
    for (const Objective& objective : sweep.objectives) {
      auto& all = comparison.objectives;
      if (std::find(all.begin(), all.end(), objective) == all.end()) all.push_back(objective);
    }
    scales.insert(sweep.scales.begin(), sweep.scales.end());
    for (RunRecord& run : sweep.trials) comparison.trials.push_back({std::move(run), source, {}, {}, false});
  } else if (is_run(folder)) {
    RunRecord run = read_run(folder, detail);
    comparison.sources.push_back({folder, run.name, false, 0, {}});
    comparison.trials.push_back({std::move(run), source, {}, {}, false});
  } else {
    throw not_ours(folder);
  }
}

/// Runs of one spec have one name; the folder then says which is which.
void name_runs_by_folder(Comparison& comparison) {
  std::map<std::string, int> used;
  for (const Comparison::Source& source : comparison.sources) ++used[source.name];
  for (Comparison::Source& source : comparison.sources) {
    if (source.is_sweep || used[source.name] < 2) continue;
    const fs::path named = source.folder.has_filename() ? source.folder : source.folder.parent_path();
    source.name = fs::weakly_canonical(named).filename().string();
  }
}

void label_trials(Comparison& comparison) {
  std::map<std::string, int> used;
  for (Comparison::Trial& trial : comparison.trials) {
    const Comparison::Source& source = comparison.sources[trial.source];
    const std::string number = trial.run.number ? format("#{}", *trial.run.number) : "";
    trial.label = !source.is_sweep                ? source.name + (number.empty() ? "" : " " + number)
                  : comparison.sources.size() > 1 ? source.name + " " + number
                                                  : number;
    if (const int again = used[trial.label]++) trial.label += format(" ({})", again + 1);
  }
}

/// Without a sweep to say what counts: the measures of this house, what is kept of the scene and what is gained of the
/// style, since either alone is perfect in a picture that nobody wants. Losses do not compare under different weights, so
/// they never decide.
void guess_objectives(Comparison& comparison) {
  if (!comparison.objectives.empty()) return;
  std::set<std::string> measured;
  for (const Comparison::Trial& trial : comparison.trials) {
    for (const auto& [metric, value] : trial.run.values) {
      if (metric.starts_with("eval.") && measure(metric).better != Better::neither) measured.insert(metric);
    }
  }
  for (const char* metric : {"eval.content", "eval.style"}) {
    if (measured.count(metric)) comparison.objectives.push_back({metric, false});
  }
  if (!comparison.objectives.empty() || measured.empty()) return;
  const std::string& metric = *measured.begin();
  comparison.objectives.push_back({metric, measure(metric).better == Better::higher});
}

/// The keys whose values are not the same in all runs: chosen by a sweep, or, for runs of their own, of their specs.
std::vector<std::string> varying_keys(const Comparison& comparison) {
  std::vector<std::string> keys;
  std::set<std::string> seen;
  const bool only_runs = std::none_of(comparison.trials.begin(), comparison.trials.end(),
                                      [](const auto& trial) { return !trial.run.parameters.empty(); });
  for (const Comparison::Trial& trial : comparison.trials) {
    for (const auto& [key, value] : only_runs ? trial.run.spec.items : trial.run.parameters.items) {
      // Of whole specs, what a run is called and how often it is written down are not what makes runs differ.
      const bool bookkeeping = only_runs && (key == "name" || key.starts_with("record."));
      if (seen.insert(key).second && !bookkeeping) keys.push_back(key);
    }
  }
  const auto same = [&](const std::string& key) {
    const Value* first = nullptr;
    bool some_lack = false;
    for (const Comparison::Trial& trial : comparison.trials) {
      const Value* value = setting(trial.run, key);
      if (value && first && !(*value == *first)) return false;
      if (value && !first) first = value;
      some_lack = some_lack || (!value && !trial.run.spec.empty());
    }
    return !(some_lack && first);
  };
  keys.erase(std::remove_if(keys.begin(), keys.end(), same), keys.end());
  return keys;
}

/// The last `parts` names of a dotted key.
std::string ending(const std::string& key, int parts) {
  std::size_t dot = std::string::npos;
  while (parts-- > 0) {
    dot = key.rfind('.', dot == std::string::npos ? dot : dot - 1);
    if (dot == std::string::npos || dot == 0) return key;
  }
  return key.substr(dot + 1);
}

std::string short_label(const std::string& key, const std::vector<std::string>& keys) {
  for (int parts = 2; parts < 6; ++parts) {
    const std::string label = ending(key, parts);
    const auto shared =
        std::count_if(keys.begin(), keys.end(), [&](const auto& k) { return ending(k, parts) == label; });
    if (shared == 1) return label;
  }
  return key;
}

/// As the sweep searched it; where no sweep says, a wide range of positive numbers.
bool is_logarithmic(const Comparison& comparison, const std::string& key,
                    const std::map<std::string, std::string>& scales) {
  const auto scale = scales.find(key);
  if (scale != scales.end() && scale->second != "choice") return scale->second == "log";
  double lowest = std::numeric_limits<double>::infinity(), highest = 0;
  for (const Comparison::Trial& trial : comparison.trials) {
    const Value* value = setting(trial.run, key);
    if (!value || !value->is_number()) continue;
    lowest = std::min(lowest, value->number());
    highest = std::max(highest, value->number());
  }
  return lowest > 0 && highest >= 50 * lowest;
}

void find_parameters(Comparison& comparison, const std::map<std::string, std::string>& scales) {
  const std::vector<std::string> keys = varying_keys(comparison);
  for (const std::string& key : keys) {
    Parameter parameter{key, short_label(key, keys), true, false};
    for (const Comparison::Trial& trial : comparison.trials) {
      const Value* value = setting(trial.run, key);
      if (value && !value->is_number()) parameter.numeric = false;
    }
    parameter.logarithmic = parameter.numeric && is_logarithmic(comparison, key, scales);
    comparison.parameters.push_back(std::move(parameter));
  }
}

using Scores = std::vector<double>;

/// Whether `a` is at least as good as `b` by every objective and better by one.
bool dominates(const Scores& a, const Scores& b, const std::vector<Objective>& objectives) {
  bool better = false;
  for (std::size_t i = 0; i < objectives.size(); ++i) {
    if (objectives[i].better(b[i], a[i])) return false;
    better = better || objectives[i].better(a[i], b[i]);
  }
  return better;
}

/// Front after front, each sorted by the first objective. With one objective this is plain sorting.
void rank_trials(Comparison& comparison) {
  std::vector<std::pair<std::size_t, Scores>> rest;
  for (std::size_t i = 0; i < comparison.trials.size(); ++i) {
    const RunRecord& run = comparison.trials[i].run;
    Scores scores;
    for (const Objective& objective : comparison.objectives) scores.push_back(run.value(objective.metric));
    const bool complete = std::all_of(scores.begin(), scores.end(), [](double s) { return std::isfinite(s); });
    if (run.state == RunState::finished && complete && !scores.empty()) rest.emplace_back(i, scores);
  }
  const auto& objectives = comparison.objectives;
  if (objectives.empty()) return;
  std::stable_sort(rest.begin(), rest.end(),
                   [&](const auto& a, const auto& b) { return objectives[0].better(a.second[0], b.second[0]); });
  std::size_t rank = 0;
  for (bool first_front = true; !rest.empty(); first_front = false) {
    std::vector<std::pair<std::size_t, Scores>> front, behind;
    if (objectives.size() == 1) {
      front = rest;
    } else {
      for (const auto& candidate : rest) {
        const bool dominated = std::any_of(rest.begin(), rest.end(), [&](const auto& other) {
          return dominates(other.second, candidate.second, objectives);
        });
        (dominated ? behind : front).push_back(candidate);
      }
    }
    for (const auto& [index, scores] : front) {
      Comparison::Trial& trial = comparison.trials[index];
      trial.best = objectives.size() == 1 ? rank == 0 : first_front;
      trial.rank = rank++;
    }
    rest = std::move(behind);
  }
}

}  // namespace

std::vector<std::size_t> Comparison::ranking() const {
  std::map<std::size_t, std::size_t> by_rank;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].rank) by_rank[*trials[i].rank] = i;
  }
  std::vector<std::size_t> order;
  for (const auto& [rank, index] : by_rank) order.push_back(index);
  return order;
}

std::size_t Comparison::count(RunState state) const {
  return static_cast<std::size_t>(
      std::count_if(trials.begin(), trials.end(), [&](const Trial& trial) { return trial.run.state == state; }));
}

const Value* setting(const RunRecord& run, const std::string& key) {
  const Value* value = run.parameters.find(key);
  return value ? value : run.spec.find(key);
}

Comparison compare(const std::vector<fs::path>& folders, Detail detail) {
  Comparison comparison;
  std::map<std::string, std::string> scales;
  for (const fs::path& folder : folders) add_folder(comparison, folder, detail, scales);
  name_runs_by_folder(comparison);
  for (const Comparison::Source& source : comparison.sources) {
    if (comparison.title.find(source.name) == std::string::npos) {
      comparison.title += (comparison.title.empty() ? "" : ", ") + source.name;
    }
  }
  if (comparison.sources.size() > 4) comparison.title = format("{} runs and sweeps", comparison.sources.size());
  label_trials(comparison);
  guess_objectives(comparison);
  find_parameters(comparison, scales);
  rank_trials(comparison);
  return comparison;
}

}  // namespace atelier
