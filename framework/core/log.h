#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

namespace atelier {

/// Says what the program does: one line on standard error, with the time, and in every open `LogFile`.
/// Safe from any thread.
void log_info(std::string_view message);
void log_warning(std::string_view message);

/// Ranks above 0 write nothing on the terminal, so that N ranks do not say everything N times; warnings still show,
/// with the rank before them.
void set_log_rank(int rank);

/// While it lives, everything logged by this process is appended to a file as well (a run's `log.txt`).
class LogFile {
 public:
  /// Throws `Error` when the file cannot be opened.
  explicit LogFile(const std::filesystem::path& file);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace atelier
