#include "analysis/ended_trials.h"

#include "framework/records/sweep_folder.h"
#include "framework/records/sweep_journal.h"

namespace atelier {
namespace {

/// What is told of a trial, and under which claim: journals are read one after the other, and later claims count.
struct Told {
  RunRecord run;
  std::int64_t generation = -1;
  bool ended = false;
};

class Reader {
 public:
  void operator()(const TrialStarted& event) {
    Told& trial = told[event.trial.number];
    if (trial.run.parameters.empty()) trial.run.set(event.trial);
    if (event.generation <= trial.generation) return;  // its end was read before
    trial.generation = event.generation;
    trial.ended = false;
  }
  void operator()(const TrialAgain& event) {
    Told& trial = told[event.trial];
    if (event.generation < trial.generation) return;
    trial.generation = event.generation;
    trial.ended = false;
  }
  void operator()(const TrialEnded& event) {
    Told& trial = told[event.trial];
    if (event.generation < trial.generation) return;
    trial.generation = event.generation;
    trial.ended = true;
    trial.run.state = event.result.state;
    trial.run.reason = event.result.reason;
    trial.run.steps = event.result.steps;
    trial.run.seconds = event.result.seconds;
    trial.run.values = event.result.values;
  }
  void operator()(const TrialRecorded&) {}
  void operator()(const WorkerJoined&) {}
  void operator()(const WorkerLeft&) {}

  std::map<std::int64_t, Told> told;
};

}  // namespace

std::map<std::int64_t, RunRecord> ended_trials(const std::filesystem::path& sweep) {
  const SweepFolder folder(sweep);
  Reader reader;
  SweepJournalReader(folder.journal())
      .refresh(true,
               [&](const std::string&, std::optional<double>, const SweepEvent& event) { std::visit(reader, event); });
  std::map<std::int64_t, RunRecord> ended;
  for (auto& [number, trial] : reader.told) {
    if (!trial.ended || trial.run.parameters.empty()) continue;
    trial.run.number = number;
    trial.run.folder = folder.trial(number).path();
    trial.run.name = trial.run.folder.filename().string();
    ended.emplace(number, std::move(trial.run));
  }
  return ended;
}

}  // namespace atelier
