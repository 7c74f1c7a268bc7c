#include "analysis/comparison.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <set>

#include "analysis/declared_measures.h"
#include "analysis/statistics/domination.h"
#include "framework/config/document.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/records/sweep_folder.h"

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

/// What the sweeps say about the parameters they vary.
struct SearchRanges {
  std::map<std::string, std::string> scales;
  std::map<std::string, std::pair<double, double>> ranges;  ///< The widest of all sweeps.
  std::map<std::string, std::set<std::string>> parents;

  void add(const SweepRecord& sweep) {
    scales.insert(sweep.scales.begin(), sweep.scales.end());
    for (const auto& [key, scale] : sweep.scales) {
      const Value* bounds = sweep.spec.find("space." + key + "." + scale);
      if (scale != "choice" && bounds && bounds->is_list() && bounds->list().size() == 2 &&
          bounds->list()[0].is_number() && bounds->list()[1].is_number()) {
        const double low = bounds->list()[0].number(), high = bounds->list()[1].number();
        const auto [place, fresh] = ranges.try_emplace(key, low, high);
        if (!fresh) place->second = {std::min(place->second.first, low), std::max(place->second.second, high)};
      }
      const std::string when = "space." + key + ".when.";
      for (const auto& [path, value] : sweep.spec.items) {
        if (path.starts_with(when)) parents[key].insert(path.substr(when.size()));
      }
    }
  }
};

void read_constraints(Comparison::Source& source, const SweepRecord& sweep) {
  const Value* given = sweep.spec.find("constraints");
  if (!given) return;
  const std::vector<Value> items = given->is_list() ? given->list() : std::vector<Value>(1, *given);
  for (const Value& item : items) {
    const auto constraint = item.is_text() ? Constraint::from(item.text()) : std::nullopt;
    if (constraint) {
      source.constraints.push_back(*constraint);
    } else {
      source.problems.push_back(
          format("constraints: {} is not MEASURE, one of >=, <=, > and <, and a number", to_toml(item)));
    }
  }
}

void read_base(Comparison::Source& source) {
  const fs::path file = SweepFolder(source.folder).experiment();
  std::error_code ignored;
  if (!fs::exists(file, ignored)) return;
  try {
    const Document document = Document::from_file(file);
    for (const Document::Entry& entry : document.entries()) {
      source.base.items.emplace_back(entry.key(), entry.value);
    }
  } catch (const std::exception& problem) {
    source.problems.emplace_back(problem.what());
  }
}

/// Whether a sweep of an earlier version, whose trials do not say it, had a sampler that learned nothing: those
/// versions had three of them.
bool drew_independently(const SweepRecord& sweep) {
  const Value* sampler = sweep.spec.find("sampler");
  const std::string name = sampler ? to_text(*sampler) : "";
  return name == "grid" || name == "random" || name == "sobol";
}

void add_folder(Comparison& comparison, const fs::path& folder, Detail detail, SearchRanges& searched) {
  const std::size_t source = comparison.sources.size();
  if (is_sweep(folder)) {
    SweepRecord sweep = read_sweep(folder, detail);
    comparison.sources.push_back({folder, sweep.name, true, sweep.planned, sweep.problems, {}, {}});
    read_constraints(comparison.sources.back(), sweep);
    read_base(comparison.sources.back());
    const bool drawn = drew_independently(sweep);
    comparison.sources.back().learned = std::any_of(
        sweep.trials.begin(), sweep.trials.end(),
        [drawn](const RunRecord& run) { return run.may_have_learned && (run.says_whether_learned || !drawn); });
    for (const Objective& objective : sweep.objectives) {
      auto& all = comparison.objectives;
      if (std::find(all.begin(), all.end(), objective) == all.end()) all.push_back(objective);
    }
    searched.add(sweep);
    for (RunRecord& run : sweep.trials) {
      comparison.trials.emplace_back();
      comparison.trials.back().run = std::move(run);
      comparison.trials.back().source = source;
    }
  } else if (is_run(folder)) {
    RunRecord run = read_run(folder, detail);
    comparison.sources.push_back({folder, run.name, false, 0, {}, {}, {}});
    comparison.trials.emplace_back();
    comparison.trials.back().run = std::move(run);
    comparison.trials.back().source = source;
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

/// Without a sweep to say what counts: the measures that are declared to rank runs, or else the first evaluation that
/// has a good direction. Losses do not compare under different weights, so they never decide.
void guess_objectives(Comparison& comparison) {
  if (!comparison.objectives.empty()) return;
  std::set<std::string> recorded;
  for (const Comparison::Trial& trial : comparison.trials) {
    for (const auto& [metric, value] : trial.run.values) recorded.insert(metric);
  }
  const auto add = [&](const std::string& metric, const Measure& known) {
    comparison.objectives.push_back({metric, known.better == Better::higher});
  };
  for (const Measure& known : comparison.measures.all()) {
    if (known.ranks && recorded.count(known.name)) add(known.name, known);
  }
  for (const std::string& metric : recorded) {
    if (!comparison.objectives.empty()) return;
    const Measure known = comparison.measures.of(metric);
    if (known.group == "evaluation" && known.better != Better::neither) add(metric, known);
  }
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

void find_parameters(Comparison& comparison, const SearchRanges& searched) {
  const std::vector<std::string> keys = varying_keys(comparison);
  for (const std::string& key : keys) {
    Parameter parameter{key, short_label(key, keys), true, false, {}, {}};
    for (const Comparison::Trial& trial : comparison.trials) {
      const Value* value = setting(trial.run, key);
      if (value && !value->is_number()) parameter.numeric = false;
    }
    parameter.logarithmic = parameter.numeric && is_logarithmic(comparison, key, searched.scales);
    if (const auto range = searched.ranges.find(key); range != searched.ranges.end()) parameter.range = range->second;
    if (const auto found = searched.parents.find(key); found != searched.parents.end()) {
      parameter.parents.assign(found->second.begin(), found->second.end());
    }
    comparison.parameters.push_back(std::move(parameter));
  }
}

/// Ranked are the trials on the data that most of the finished ones saw; the first of those in a draw. Trials that do
/// not say what they saw are no data set of their own, unless none says it.
void choose_data(Comparison& comparison) {
  std::map<std::string, std::size_t> finished;
  for (const Comparison::Trial& trial : comparison.trials) {
    if (trial.run.state == TrialState::finished) ++finished[measures_digest(trial.run)];
  }
  if (finished.size() > 1) finished.erase("");
  std::size_t most = 0;
  for (const Comparison::Trial& trial : comparison.trials) {
    const auto found = finished.find(measures_digest(trial.run));
    if (found == finished.end() || found->second <= most) continue;
    most = found->second;
    comparison.data = found->first;
  }
  for (Comparison::Trial& trial : comparison.trials) {
    const std::string digest = measures_digest(trial.run);
    // Trials that have not begun have no provenance yet.
    trial.comparable = most == 0 || digest == comparison.data || (digest.empty() && !trial.run.ended());
  }
}

void check_constraints(Comparison& comparison) {
  for (Comparison::Trial& trial : comparison.trials) {
    if (!trial.run.ended()) continue;
    for (const Constraint& constraint : comparison.sources[trial.source].constraints) {
      trial.feasible = trial.feasible && constraint.holds(trial.run.value(constraint.metric));
    }
  }
}

/// Seeds of one setting: as the sweep says, or else trials with the same parameters and seeds that differ.
void find_settings(Comparison& comparison) {
  std::map<std::string, std::size_t> known;
  std::map<std::string, std::set<std::string>> seeds;
  std::size_t next = 0;
  for (std::size_t i = 0; i < comparison.trials.size(); ++i) {
    Comparison::Trial& trial = comparison.trials[i];
    std::string key = measures_digest(trial.run) + "\n", seed;
    if (trial.run.setting) {
      key += format("setting {} of {}", *trial.run.setting, trial.source);
      seed = format("{}", i);
    } else {
      for (const Parameter& parameter : comparison.parameters) {
        const Value* value = setting_of(trial.run, parameter);
        if (parameter.key != "seed") key += (value ? to_toml(*value) : "-") + "\n";
      }
      const Value* given = setting(trial.run, "seed");
      if (given) seed = to_toml(*given);
      if (trial.run.seed) seed = format("{}", *trial.run.seed);
    }
    const bool repeats = !seed.empty() && seeds[key].insert(seed).second;
    const auto found = known.find(key);
    trial.setting = repeats && found != known.end() ? found->second : next++;
    if (repeats) known.try_emplace(key, trial.setting);
  }
}

/// A setting as it competes: the means over its seeds.
struct Competitor {
  std::vector<std::size_t> trials;
  Scores scores;
  bool feasible = true;
};

std::vector<Competitor> competitors(const Comparison& comparison) {
  std::map<std::size_t, Competitor> by_setting;
  for (std::size_t i = 0; i < comparison.trials.size(); ++i) {
    const Scores scores = comparison.scores(comparison.trials[i]);
    if (scores.empty()) continue;
    Competitor& competitor = by_setting[comparison.trials[i].setting];
    competitor.scores.resize(scores.size(), 0);
    for (std::size_t k = 0; k < scores.size(); ++k) competitor.scores[k] += scores[k];
    competitor.trials.push_back(i);
    competitor.feasible = competitor.feasible && comparison.trials[i].feasible;
  }
  std::vector<Competitor> result;
  for (auto& [setting, competitor] : by_setting) {
    for (double& score : competitor.scores) score /= static_cast<double>(competitor.trials.size());
    result.push_back(std::move(competitor));
  }
  return result;
}

/// Front after front, each sorted by the first objective; what misses a constraint comes last. With one objective this
/// is plain sorting.
void rank_trials(Comparison& comparison) {
  std::vector<Competitor> rest = competitors(comparison);
  std::stable_sort(rest.begin(), rest.end(), [](const auto& a, const auto& b) {
    return a.feasible != b.feasible ? a.feasible : a.scores[0] < b.scores[0];
  });
  const bool one = comparison.objectives.size() == 1;
  std::size_t rank = 0;
  for (bool first_front = true; !rest.empty(); first_front = false) {
    std::vector<Competitor> front, behind;
    for (Competitor& candidate : rest) {
      const bool dominated = !one && std::any_of(rest.begin(), rest.end(), [&](const Competitor& other) {
        return other.feasible == candidate.feasible && dominates(other.scores, candidate.scores);
      });
      const bool waits = dominated || (!one && candidate.feasible != rest.front().feasible);
      (waits ? behind : front).push_back(candidate);
    }
    for (const Competitor& competitor : front) {
      const bool best = competitor.feasible && (one ? rank == 0 : first_front);
      comparison.trials[competitor.trials.front()].best = best;
      for (const std::size_t i : competitor.trials) comparison.trials[i].rank = rank;
      ++rank;
    }
    rest = std::move(behind);
  }
}

}  // namespace

std::vector<std::size_t> Comparison::ranking() const {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (trials[i].rank) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return *trials[a].rank < *trials[b].rank; });
  return order;
}

std::size_t Comparison::count(std::optional<TrialState> state) const {
  return static_cast<std::size_t>(
      std::count_if(trials.begin(), trials.end(), [&](const Trial& trial) { return trial.run.state == state; }));
}

std::vector<double> Comparison::scores(const Trial& trial) const {
  if (trial.run.state != TrialState::finished || !trial.comparable) return {};
  std::vector<double> result;
  for (const Objective& objective : objectives) {
    const double value = trial.run.value(objective.metric);
    if (!std::isfinite(value)) return {};
    result.push_back(objective.maximize ? -value : value);
  }
  return result;
}

std::string measures_digest(const RunRecord& run) {
  const Value* digest = run.provenance.find("measures_digest");
  if (!digest) digest = run.provenance.find("data_digest");
  return digest ? to_text(*digest) : std::string();
}

const Value* setting(const RunRecord& run, const std::string& key) {
  const Value* value = run.parameters.find(key);
  return value ? value : run.spec.find(key);
}

const Value* setting_of(const RunRecord& run, const Parameter& parameter) {
  const bool absent = !parameter.parents.empty() && !run.parameters.empty() && !run.parameters.find(parameter.key);
  return absent ? nullptr : setting(run, parameter.key);
}

Comparison compare(const std::vector<fs::path>& folders, const Measures& known, Detail detail) {
  Comparison comparison;
  SearchRanges searched;
  for (const fs::path& folder : folders) add_folder(comparison, folder, detail, searched);
  name_runs_by_folder(comparison);
  for (const Comparison::Source& source : comparison.sources) {
    if (comparison.title.find(source.name) == std::string::npos) {
      comparison.title += (comparison.title.empty() ? "" : ", ") + source.name;
    }
  }
  if (comparison.sources.size() > 4) comparison.title = format("{} runs and sweeps", comparison.sources.size());
  label_trials(comparison);
  DeclaredMeasures declared(known);
  for (Comparison::Trial& trial : comparison.trials) declared.read(trial.run);
  comparison.measures = declared.all();
  guess_objectives(comparison);
  find_parameters(comparison, searched);
  choose_data(comparison);
  check_constraints(comparison);
  find_settings(comparison);
  rank_trials(comparison);
  return comparison;
}

}  // namespace atelier
