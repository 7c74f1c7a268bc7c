#include "analysis/journal_reader.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "framework/records/sweep_folder.h"
#include "framework/records/sweep_journal.h"

namespace atelier {
namespace {

/// The stretch that has begun and not ended.
WorkerRecord::Stretch* open_stretch(WorkerRecord& worker) {
  return !worker.work.empty() && !worker.work.back().end ? &worker.work.back() : nullptr;
}

/// A worker that begins something else or leaves is done with what it had, whether it said so or not.
void close_stretch(WorkerRecord& worker, double time, std::optional<TrialState> state) {
  WorkerRecord::Stretch* open = open_stretch(worker);
  if (!open) return;
  open->end = std::max(time, open->begin);
  open->state = state;
}

void add(WorkerRecord& worker, const WorkerJoined& event, double time) {
  close_stretch(worker, time, std::nullopt);
  worker.host = event.host;
  worker.pid = event.pid;
  worker.ranks = event.ranks;
  worker.left = false;
}

void add(WorkerRecord& worker, const WorkerLeft&, double time) {
  close_stretch(worker, time, std::nullopt);
  worker.left = true;
}

void add(WorkerRecord& worker, const TrialStarted& event, double time) {
  close_stretch(worker, time, std::nullopt);
  worker.work.push_back({event.trial.number, time, std::nullopt, std::nullopt});
}

void add(WorkerRecord& worker, const TrialEnded& event, double time) {
  const WorkerRecord::Stretch* open = open_stretch(worker);
  if (open && open->trial == event.trial) close_stretch(worker, time, event.result.state);
}

void add(WorkerRecord&, const TrialRecorded&, double) {}
void add(WorkerRecord&, const TrialAgain&, double) {}

}  // namespace

std::vector<WorkerRecord> read_journal(const std::filesystem::path& sweep) {
  std::map<std::string, WorkerRecord> by_file;
  SweepJournalReader(SweepFolder(sweep).journal())
      .refresh(true, [&](const std::string& writer, std::optional<double> time, const SweepEvent& event) {
        if (!time) return;
        const auto [place, fresh] = by_file.try_emplace(writer);
        WorkerRecord& worker = place->second;
        worker.name = std::filesystem::path(writer).stem().string();
        worker.begin = fresh ? *time : std::min(worker.begin, *time);
        worker.last = fresh ? *time : std::max(worker.last, *time);
        std::visit([&](const auto& what) { add(worker, what, *time); }, event);
      });
  std::vector<WorkerRecord> workers;
  for (auto& [file, worker] : by_file) workers.push_back(std::move(worker));
  std::sort(workers.begin(), workers.end(),
            [](const auto& a, const auto& b) { return std::tie(a.begin, a.name) < std::tie(b.begin, b.name); });
  return workers;
}

}  // namespace atelier
