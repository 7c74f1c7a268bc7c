#include "analysis/ended_trials.h"

#include "framework/core/format.h"
#include "framework/storage/journal.h"
#include "framework/storage/value_json.h"

namespace atelier {
namespace {

/// What is told of a trial, and under which claim: journals are read one after the other, and later claims count.
struct Told {
  RunRecord run;
  std::int64_t generation = -1;
  bool ended = false;
};

RunState state_of(const std::string& text) {
  for (const RunState state : {RunState::finished, RunState::pruned}) {
    if (text == to_text(state)) return state;
  }
  return RunState::failed;
}

void read_start(RunRecord& run, const Json& line) {
  if (!run.parameters.empty() || !line.contains("parameters") || !line["parameters"].is_object()) return;
  for (const auto& [key, value] : line["parameters"].items())
    run.parameters.items.emplace_back(key, value_of_json(value));
  const auto whole = [&](const char* key) {
    return line.contains(key) && line[key].is_number_integer() ? std::optional(line[key].get<std::int64_t>())
                                                               : std::nullopt;
  };
  run.setting = whole("setting");
  run.seed = whole("seed");
  run.parent = whole("parent");
}

void read_end(RunRecord& run, const Json& line) {
  run.state = state_of(line.value("state", ""));
  run.reason = line.value("reason", "");
  run.steps = line.value("steps", std::int64_t{0});
  run.seconds = line.value("seconds", 0.0);
  run.values.clear();
  if (!line.contains("values") || !line["values"].is_object()) return;
  for (const auto& [name, value] : line["values"].items()) run.values[name] = number_in(value);
}

}  // namespace

std::map<std::int64_t, RunRecord> ended_trials(const std::filesystem::path& sweep) {
  std::map<std::int64_t, Told> told;
  JournalReader(sweep / "journal").refresh(true, [&](const std::string&, const Json& line) {
    if (!line.contains("trial") || !line["trial"].is_number_integer()) return;
    const std::int64_t number = line["trial"].get<std::int64_t>();
    const std::int64_t generation = line.value("generation", std::int64_t{0});
    const std::string event = line.value("event", "");
    Told& trial = told[number];
    if (event == "start") read_start(trial.run, line);
    if (event == "report" || generation < trial.generation) return;
    if (generation == trial.generation && event == "start") return;  // its end was read before
    trial.generation = generation;
    trial.ended = event == "end";
    if (trial.ended) read_end(trial.run, line);
  });
  std::map<std::int64_t, RunRecord> ended;
  for (auto& [number, trial] : told) {
    if (!trial.ended || trial.run.parameters.empty()) continue;
    trial.run.number = number;
    trial.run.folder = sweep / "trials" / format("{:06}", number);
    trial.run.name = trial.run.folder.filename().string();
    ended.emplace(number, std::move(trial.run));
  }
  return ended;
}

}  // namespace atelier
