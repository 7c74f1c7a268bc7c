#include "analysis/summary.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "analysis/measure.h"
#include "analysis/wording.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

constexpr std::array<RunState, 6> all_states{RunState::finished, RunState::running, RunState::waiting,
                                             RunState::pruned,   RunState::failed,  RunState::unreadable};

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

std::string_view kind(const Comparison::Trial& trial) { return trial.run.number ? "Trial" : "Run"; }

std::string name_of(const Comparison::Trial& trial) { return format("{} {}", kind(trial), trial.label); }

/// "#2 (content.weight 3)".
std::string with_parameters(const Comparison& comparison, const Comparison::Trial& trial) {
  const std::string words = parameters_in_words(comparison, trial.run);
  return trial.label + (words.empty() ? "" : " (" + words + ")");
}

/// How far a value lies on the good side of the median.
std::string ahead(const Objective& objective, double value, double middle) {
  if (value == middle) return "equal to the median";
  if (middle == 0) return format("against a median of {}", short_number(middle));
  const double percent = 100 * std::abs(value - middle) / std::abs(middle);
  return format("{} % {} the median of {}", percent < 10 ? format("{:.1f}", percent) : format("{:.0f}", percent),
                objective.maximize ? "above" : "below", short_number(middle));
}

std::string the_only_one(const Comparison& comparison, const Comparison::Trial& trial) {
  std::string values;
  for (const Objective& objective : comparison.objectives) {
    values += format("{}{} {}", values.empty() ? "" : " and ", objective.metric,
                     short_number(trial.run.value(objective.metric)));
  }
  return format("{} {} is the only one that finished, with {}: there is nothing to compare it with yet.", kind(trial),
                with_parameters(comparison, trial), values);
}

std::string best_by_one(const Comparison& comparison, const std::vector<std::size_t>& ranking) {
  const Objective& objective = comparison.objectives.front();
  std::vector<double> values;
  for (const std::size_t i : ranking) values.push_back(comparison.trials[i].run.value(objective.metric));
  const Comparison::Trial& best = comparison.trials[ranking.front()];
  std::string text = format("{} {} is best: {} {} ({} is better)", kind(best), with_parameters(comparison, best),
                            objective.metric, short_number(values.front()), objective.maximize ? "higher" : "lower");
  text += format(", {} (n = {}).", ahead(objective, values.front(), median(values)), values.size());
  const Comparison::Trial& second = comparison.trials[ranking[1]];
  return text + format(" Next is {} with {}; the last has {}.", with_parameters(comparison, second),
                       short_number(values[1]), short_number(values.back()));
}

std::string best_by_many(const Comparison& comparison, const std::vector<std::size_t>& ranking) {
  std::string text;
  for (const Objective& objective : comparison.objectives) {
    const std::size_t best = *std::min_element(ranking.begin(), ranking.end(), [&](std::size_t a, std::size_t b) {
      return objective.better(comparison.trials[a].run.value(objective.metric),
                              comparison.trials[b].run.value(objective.metric));
    });
    const Comparison::Trial& trial = comparison.trials[best];
    text += format("{} {} is best by {}: {} ({} is better). ", kind(trial), with_parameters(comparison, trial),
                   objective.metric, short_number(trial.run.value(objective.metric)),
                   objective.maximize ? "higher" : "lower");
  }
  const auto front =
      std::count_if(comparison.trials.begin(), comparison.trials.end(), [](const auto& t) { return t.best; });
  return text + format("{} of {} finished trials {} beaten by none in every objective (the Pareto front).", front,
                       ranking.size(), front == 1 ? "is" : "are");
}

/// Trials that share every setting but the seed tell chance from effect; without any, the reader is told.
bool has_repeats(const Comparison& comparison, const std::vector<std::size_t>& ranking) {
  std::set<std::string> seen;
  for (const std::size_t i : ranking) {
    std::string key;
    for (const Parameter& parameter : comparison.parameters) {
      const Value* value = setting(comparison.trials[i].run, parameter.key);
      if (parameter.key != "seed") key += (value ? to_toml(*value) : "-") + "\n";
    }
    if (!seen.insert(key).second) return true;
  }
  return false;
}

/// Trials called best whose pictures are their photographs: content and ssim call that perfect.
std::string unchanged(const Comparison& comparison) {
  std::string text;
  for (const Comparison::Trial& trial : comparison.trials) {
    const double change = trial.run.value("eval.identity");
    const Value* limit = setting(trial.run, "health.change");
    const bool is_photo = change < (limit && limit->is_number() ? limit->number() : 0.005);  // NaN: not measured
    if (!trial.best || !is_photo) continue;
    text += format("{}{} gives its photos back nearly unchanged (eval.identity {}), which measures against the photo "
                   "call perfect.",
                   text.empty() ? "" : " ", name_of(trial), short_number(change));
  }
  return text;
}

/// Objectives that prefer what the measure calls worse.
std::string wrong_ways(const Comparison& comparison) {
  std::string text;
  for (const Objective& objective : comparison.objectives) {
    const Better better = measure(objective.metric).better;
    if (better != (objective.maximize ? Better::lower : Better::higher)) continue;
    text += format("{}{} is {} here, though of it {}.", text.empty() ? "" : " ", objective.metric,
                   objective.maximize ? "maximized" : "minimized", in_words(better));
  }
  return text;
}

std::string failures(const Comparison& comparison) {
  const std::size_t failed = comparison.count(RunState::failed);
  for (const Comparison::Trial& trial : comparison.trials) {
    if (trial.run.state != RunState::failed) continue;
    const std::string reason = trial.run.reason.empty() ? "no reason recorded" : trial.run.reason;
    return failed == 1 ? format("{} failed: {}.", name_of(trial), reason)
                       : format("{} failed, for instance {}: {}.", failed, name_of(trial), reason);
  }
  return {};
}

}  // namespace

std::vector<std::string> summary(const Comparison& comparison) {
  if (comparison.trials.empty()) return {"There are no trials yet."};
  std::vector<std::string> sentences;
  const std::vector<std::size_t> ranking = comparison.ranking();
  if (ranking.empty()) {
    sentences.push_back(comparison.count(RunState::finished) == 0
                            ? "No trial has finished, so there is nothing to compare yet."
                        : comparison.objectives.empty()
                            ? "Nothing was measured that finished trials could be compared by."
                            : "No finished trial has a number for every objective, so none can be called best.");
  } else if (ranking.size() == 1) {
    sentences.push_back(the_only_one(comparison, comparison.trials[ranking.front()]));
  } else if (comparison.objectives.size() == 1) {
    sentences.push_back(best_by_one(comparison, ranking));
  } else {
    sentences.push_back(best_by_many(comparison, ranking));
  }
  if (ranking.size() > 1 && !has_repeats(comparison, ranking)) {
    sentences.emplace_back("Each setting ran once, so a small difference may be chance.");
  }
  for (const std::string& sentence : {wrong_ways(comparison), unchanged(comparison), failures(comparison)}) {
    if (!sentence.empty()) sentences.push_back(sentence);
  }
  return sentences;
}

std::string counts_in_words(const Comparison& comparison) {
  std::string text;
  for (const RunState state : all_states) {
    const std::size_t count = comparison.count(state);
    if (count > 0) text += format("{}{} {}", text.empty() ? "" : ", ", count, to_text(state));
  }
  return text.empty() ? "no trials yet" : text;
}

std::string parameters_in_words(const Comparison& comparison, const RunRecord& run) {
  std::string text;
  for (const Parameter& parameter : comparison.parameters) {
    const Value* value = setting(run, parameter.key);
    if (!value) continue;
    text += format("{}{} {}", text.empty() ? "" : ", ", parameter.label,
                   parameter.numeric ? short_number(value->number()) : to_text(*value));
  }
  return text;
}

}  // namespace atelier
