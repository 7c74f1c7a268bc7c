#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "framework/records/run_result.h"
#include "framework/records/trial_file.h"
#include "framework/storage/json_lines.h"

namespace atelier {

// What a worker of a sweep tells the others. `generation` is that of its claim on the trial: journals are read in any
// order, and the generation says what came later.

struct WorkerJoined {
  std::string host;
  std::int64_t pid = 0;
  std::int64_t ranks = 1;
};
struct WorkerLeft {};
struct TrialStarted {
  std::int64_t generation = 0;
  TrialFile trial;  ///< Without its identity.
};
/// The trial recorded the first objective on its way.
struct TrialRecorded {
  std::int64_t trial = 0, generation = 0;
  double at = 0;     ///< The resource spent so far.
  double value = 0;  ///< In the form in which smaller is better; may be NaN.
};
/// A failed trial begins anew: what was told under this generation and those before no longer counts.
struct TrialAgain {
  std::int64_t trial = 0, generation = 0;
};
struct TrialEnded {
  std::int64_t trial = 0, generation = 0;
  RunResult result;  ///< Its values as judged, without its objectives.
};
using SweepEvent = std::variant<WorkerJoined, TrialStarted, TrialRecorded, TrialAgain, TrialEnded, WorkerLeft>;

/// The line of a journal for an event, without its time.
Json to_json(const SweepEvent& event);
/// The reverse; none for a line that cannot be understood.
std::optional<SweepEvent> sweep_event_from(const Json& line);

/// What many processes did, told by each in a file of its own in one folder: nobody waits for anybody, no file has two
/// writers, and a kill loses at most a last line. Each line is a JSON object with an "event" and a "time" (UTC).
class SweepJournalWriter {
 public:
  /// Makes the file when the first event is written. Its name holds host and process and is used by nobody else.
  explicit SweepJournalWriter(std::filesystem::path folder);
  ~SweepJournalWriter();

  /// Throws `StorageError`.
  void write(const SweepEvent& event);

 private:
  std::filesystem::path folder_;
  std::string name_;
  std::unique_ptr<JsonLinesWriter> writer_;
};

/// Reads the journals of a folder as they grow, each line once.
class SweepJournalReader {
 public:
  explicit SweepJournalReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// `writer`: the name of the file. `time`: seconds since 1970 by the writer's clock; none where the line does not
  /// say.
  using Use = std::function<void(const std::string& writer, std::optional<double> time, const SweepEvent& event)>;

  /// Calls `use` for every complete line that is new, in the order of each file. Lines that cannot be understood are
  /// left out. With `look_for_new` false only files that are known and not closed are asked: those whose writer has
  /// left are never asked again. A missing folder has no lines.
  void refresh(bool look_for_new, const Use& use);

 private:
  struct File {
    std::int64_t read = 0;  ///< Bytes, up to the end of the last complete line.
    bool closed = false;    ///< Its writer said that it leaves.
  };
  void read(const std::string& name, File& file, const Use& use) const;

  std::filesystem::path folder_;
  std::map<std::string, File> files_;
};

}  // namespace atelier
