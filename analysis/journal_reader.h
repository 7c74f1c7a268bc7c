#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "framework/records/trial_state.h"

namespace atelier {

/// What one worker of a sweep did when, as its journal says it (`SWEEP/journal/WORKER.jsonl`). Times are in seconds
/// since 1970 (UTC), by the clock of the worker's host.
struct WorkerRecord {
  struct Stretch {
    std::int64_t trial = 0;
    double begin = 0;
    std::optional<double> end;  ///< None: it runs, or its worker was killed and has written nothing since.
    std::optional<TrialState>
        state;  ///< How the trial ended here; none when the worker went on or left without an end.
  };
  std::string name;  ///< The file's, without its ending.
  std::string host;
  std::int64_t pid = 0;
  std::int64_t ranks = 1;
  double begin = 0;           ///< Its first event.
  double last = 0;            ///< Its last event.
  bool left = false;          ///< Whether it said that it left.
  std::vector<Stretch> work;  ///< By time.
};

/// The workers of a sweep, by their first event; none when it keeps no journal. Lines that cannot be understood and
/// events of unknown kinds are passed over, as is a last line without its end; never throws for what is inside the
/// folder.
std::vector<WorkerRecord> read_journal(const std::filesystem::path& sweep);

}  // namespace atelier
