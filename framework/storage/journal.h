#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "framework/storage/json_lines.h"

namespace atelier {

/// What many processes did, told by each in a file of its own in one folder: nobody waits for anybody, no file has two
/// writers, and a kill loses at most a last line. Each line is a JSON object with an "event" and a "time" (UTC).
class JournalWriter {
 public:
  /// Makes the file when the first event is written. Its name holds host and process and is used by nobody else.
  explicit JournalWriter(std::filesystem::path folder);
  ~JournalWriter();

  /// Adds the time. Throws `StorageError`.
  void write(const std::string& event, const Json& details);
  std::string name() const { return name_; }

 private:
  std::filesystem::path folder_;
  std::string name_;
  std::unique_ptr<JsonLinesWriter> writer_;
};

/// Reads the journals of a folder as they grow, each line once.
class JournalReader {
 public:
  explicit JournalReader(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Calls `on_line` for every complete line that is new, in the order of each file. `writer` is the file's name. Lines
  /// that are no JSON objects are left out. With `look_for_new` false only files that are known and not closed are
  /// asked: those whose writer has left are never asked again. A missing folder has no lines.
  void refresh(bool look_for_new, const std::function<void(const std::string& writer, const Json& line)>& on_line);

 private:
  struct File {
    std::int64_t read = 0;  ///< Bytes, up to the end of the last complete line.
    bool closed = false;    ///< Its writer said that it leaves.
  };
  void read(const std::string& name, File& file,
            const std::function<void(const std::string&, const Json&)>& on_line) const;

  std::filesystem::path folder_;
  std::map<std::string, File> files_;
};

/// Now, to the millisecond: "2030-01-31T08:00:00.123Z".
std::string utc_time_text();
/// The seconds since 1970 of such a text; NaN when it is none.
double seconds_of_utc_text(const std::string& text);

}  // namespace atelier
