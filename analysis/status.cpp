#include "analysis/status.h"

#include <algorithm>

#include "analysis/measure.h"
#include "analysis/summary.h"
#include "framework/storage/value_json.h"
#include "analysis/wording.h"
#include "framework/core/format.h"

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

}  // namespace

Json status_json(const Comparison& comparison) {
  Json status;
  status["name"] = comparison.title;
  status["counts"] = Json::object();
  for (const RunState state :
       {RunState::waiting, RunState::running, RunState::finished, RunState::pruned, RunState::failed}) {
    status["counts"][to_text(state)] = comparison.count(state);
  }
  if (comparison.count(RunState::unreadable) > 0)
    status["counts"]["unreadable"] = comparison.count(RunState::unreadable);
  status["best"] = Json::array();
  for (const std::size_t i : comparison.ranking()) {
    if (comparison.trials[i].best) status["best"].push_back(trial_json(comparison.trials[i].run));
  }
  status["trials"] = Json::array();
  for (const Comparison::Trial& trial : comparison.trials) status["trials"].push_back(trial_json(trial.run));
  return status;
}

std::string status_table(const Comparison& comparison) {
  std::string text = format("{}: {}", printable(comparison.title), counts_in_words(comparison));
  for (const Comparison::Source& source : comparison.sources) {
    if (source.planned > 0 && comparison.sources.size() == 1) text += format(" of {} planned", source.planned);
  }
  text += "\n";
  for (const Comparison::Source& source : comparison.sources) {
    for (const std::string& problem : source.problems) text += "note: " + printable(problem) + "\n";
  }
  if (comparison.trials.empty()) return text;
  std::vector<std::vector<std::string>> rows(1, {"trial", "state"});
  for (const Objective& objective : comparison.objectives) rows[0].push_back(objective.metric);
  for (const Parameter& parameter : comparison.parameters) rows[0].push_back(parameter.label);
  for (const char* head : {"steps", "time", "reason"}) rows[0].emplace_back(head);
  std::transform(rows[0].begin(), rows[0].end(), rows[0].begin(), printable);
  for (const Comparison::Trial& trial : comparison.trials) rows.push_back(row(comparison, trial));
  text += "\n" + aligned(rows);
  const bool has_best =
      std::any_of(comparison.trials.begin(), comparison.trials.end(), [](const auto& t) { return t.best; });
  if (has_best) text += comparison.objectives.size() == 1 ? "* best\n" : "* on the Pareto front\n";
  for (const Objective& objective : comparison.objectives) {
    text += format("{}: {} is better", printable(objective.metric), objective.maximize ? "higher" : "lower");
    const std::string_view read_as = measure(objective.metric).read_as;
    text += read_as.empty() ? "\n" : format(" ({})\n", read_as);
  }
  return text;
}

}  // namespace atelier
