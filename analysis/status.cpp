#include "analysis/status.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <optional>

#include "analysis/journal_reader.h"
#include "analysis/summary.h"
#include "analysis/wording.h"
#include "framework/core/format.h"
#include "framework/storage/value_json.h"

namespace atelier {
namespace {

Json trial_json(const RunRecord& run) {
  Json trial;
  trial["number"] = run.number ? Json(*run.number) : Json(nullptr);
  trial["state"] = to_text(run.state);
  trial["parameters"] = Json::object();
  for (const auto& [key, value] : run.parameters.items) trial["parameters"][key] = to_json(value);
  trial["values"] = Json::object();
  for (const auto& [metric, value] : run.values) trial["values"][metric] = json_number(value);
  trial["reason"] = run.reason;
  return trial;
}

/// The width of a text on a terminal: characters, not bytes.
std::size_t width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

std::vector<std::string> row(const Comparison& comparison, const Comparison::Trial& trial) {
  const RunRecord& run = trial.run;
  std::vector<std::string> cells{trial.label, std::string(to_text(run.state)) + (trial.best ? " *" : "")};
  for (const Objective& objective : comparison.objectives) {
    cells.push_back(run.values.count(objective.metric) ? short_number(run.value(objective.metric)) : "-");
  }
  for (const Parameter& parameter : comparison.parameters) {
    const Value* value = setting(run, parameter.key);
    cells.push_back(!value ? "-" : parameter.numeric ? short_number(value->number()) : to_text(*value));
  }
  cells.push_back(run.steps > 0 ? std::to_string(run.steps) : "-");
  cells.push_back(run.seconds > 0 ? duration_in_words(run.seconds) : "-");
  cells.push_back(run.reason);
  std::transform(cells.begin(), cells.end(), cells.begin(), printable);
  return cells;
}

/// How fast the sweeps of a comparison go, by their journals.
struct Pace {
  std::vector<std::pair<WorkerRecord, WorkerRecord::Stretch>> at_work;
  std::optional<double> trials_per_hour, seconds_left;
  double now = 0;
};

Pace pace_of(const Comparison& comparison) {
  constexpr std::size_t recent = 50;  // trials whose pace counts
  Pace pace;
  pace.now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  std::vector<double> ends;
  std::int64_t planned = 0;
  for (const Comparison::Source& source : comparison.sources) {
    if (!source.is_sweep) continue;
    planned += source.planned;
    for (WorkerRecord& worker : read_journal(source.folder)) {
      for (const WorkerRecord::Stretch& stretch : worker.work) {
        if (stretch.end && stretch.state) ends.push_back(*stretch.end);
      }
      if (worker.left || worker.work.empty() || worker.work.back().end) continue;
      const WorkerRecord::Stretch open = worker.work.back();
      const bool runs =
          std::any_of(comparison.trials.begin(), comparison.trials.end(), [&](const Comparison::Trial& trial) {
            return trial.run.number == open.trial && trial.run.state == TrialState::running;
          });
      worker.work.clear();
      if (runs) pace.at_work.emplace_back(std::move(worker), open);
    }
  }
  if (ends.size() < 2 || pace.at_work.empty()) return pace;
  std::sort(ends.begin(), ends.end());
  const std::size_t count = std::min(ends.size() - 1, recent);
  // The time since the last end counts too: a sweep that is stuck slows down.
  const double span = std::max(pace.now - ends[ends.size() - 1 - count], 1e-3);
  pace.trials_per_hour = 3600 * static_cast<double>(count) / span;
  const auto done = comparison.count(TrialState::finished) + comparison.count(TrialState::pruned) +
                    comparison.count(TrialState::failed);
  const double left = static_cast<double>(planned) - static_cast<double>(done);
  if (planned > 0 && left > 0) pace.seconds_left = 3600 * left / *pace.trials_per_hour;
  return pace;
}

/// Those that a person wants to see first when there are too many.
bool matters(const Comparison::Trial& trial) {
  return trial.best || trial.run.state == TrialState::running || trial.run.state == TrialState::failed ||
         !trial.run.state;
}

}  // namespace

Json status_json(const Comparison& comparison) {
  Json status;
  status["name"] = comparison.title;
  status["counts"] = Json::object();
  for (const TrialState state : trial_states) {
    status["counts"][to_text(state)] = comparison.count(state);
  }
  if (comparison.count(std::nullopt) > 0) status["counts"]["unreadable"] = comparison.count(std::nullopt);
  status["best"] = Json::array();
  for (const std::size_t i : comparison.ranking()) {
    if (comparison.trials[i].best) status["best"].push_back(trial_json(comparison.trials[i].run));
  }
  const Pace pace = pace_of(comparison);
  status["workers"] = Json::array();
  for (const auto& [worker, work] : pace.at_work) {
    status["workers"].push_back({{"host", worker.host},
                                 {"pid", worker.pid},
                                 {"ranks", worker.ranks},
                                 {"trial", work.trial},
                                 {"seconds", std::round(1000 * std::max(pace.now - work.begin, 0.0)) / 1000}});
  }
  status["trials_per_hour"] = pace.trials_per_hour ? Json(*pace.trials_per_hour) : Json(nullptr);
  status["seconds_left"] = pace.seconds_left ? Json(*pace.seconds_left) : Json(nullptr);
  status["trials"] = Json::array();
  for (const Comparison::Trial& trial : comparison.trials) status["trials"].push_back(trial_json(trial.run));
  return status;
}

std::string status_table(const Comparison& comparison, std::size_t most) {
  std::string text = format("{}: {}", printable(comparison.title), counts_in_words(comparison));
  for (const Comparison::Source& source : comparison.sources) {
    if (source.planned > 0 && comparison.sources.size() == 1) text += format(" of {} planned", source.planned);
  }
  text += "\n";
  for (const Comparison::Source& source : comparison.sources) {
    for (const std::string& problem : source.problems) text += "note: " + printable(problem) + "\n";
  }
  if (comparison.trials.empty()) return text;
  const Pace pace = pace_of(comparison);
  if (pace.trials_per_hour) {
    text += format("{} trials an hour", short_number(*pace.trials_per_hour));
    text += pace.seconds_left ? format(", {} left\n", duration_in_words(*pace.seconds_left)) : "\n";
  }
  for (const auto& [worker, work] : pace.at_work) {
    text += printable(format("trial {}: for {} on {}, process {}{}", work.trial,
                             duration_in_words(std::max(pace.now - work.begin, 0.0)), worker.host, worker.pid,
                             worker.ranks > 1 ? format(" with {} ranks", worker.ranks) : "")) +
            "\n";
  }
  std::vector<std::vector<std::string>> rows(1, {"trial", "state"});
  for (const Objective& objective : comparison.objectives) rows[0].push_back(objective.metric);
  for (const Parameter& parameter : comparison.parameters) rows[0].push_back(parameter.label);
  for (const char* head : {"steps", "time", "reason"}) rows[0].emplace_back(head);
  std::transform(rows[0].begin(), rows[0].end(), rows[0].begin(), printable);
  const bool all = comparison.trials.size() <= most;
  std::size_t left_out = 0;
  for (const Comparison::Trial& trial : comparison.trials) {
    if (all || (matters(trial) && rows.size() <= most)) {
      rows.push_back(row(comparison, trial));
    } else {
      ++left_out;
    }
  }
  text += "\n" + aligned(rows);
  if (left_out > 0) text += format("and {} more trials (--all lists them)\n", left_out);
  const bool has_best =
      std::any_of(comparison.trials.begin(), comparison.trials.end(), [](const auto& t) { return t.best; });
  if (has_best) text += comparison.objectives.size() == 1 ? "* best\n" : "* on the Pareto front\n";
  for (const Objective& objective : comparison.objectives) {
    text += format("{}: {} is better", printable(objective.metric), objective.maximize ? "higher" : "lower");
    const std::string read_as = comparison.measures.of(objective.metric).read_as;
    text += read_as.empty() ? "\n" : format(" ({})\n", read_as);
  }
  return text;
}

}  // namespace atelier
