#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace atelier {

/// Reads a file that another program appends to, line by line. Takes no more memory than the longest line that counts,
/// 1 MB; longer ones are passed over. A file that has become shorter was begun anew, and is read from its start; one
/// that is not there has no lines yet.
class LineTail {
 public:
  /// Begins at `place` bytes, the start of a line.
  LineTail(std::filesystem::path file, std::int64_t place) : file_(std::move(file)), place_(place) {}
  ~LineTail();
  LineTail(const LineTail&) = delete;
  LineTail& operator=(const LineTail&) = delete;

  /// A line without its end, and the place of the byte behind it in the file.
  using Take = std::function<void(std::string_view line, std::int64_t end)>;

  /// Gives the complete lines since the last time, at most some MB of them; with `all` everything, also a last line
  /// without its end, for when nobody writes any more. Throws `StorageError` when the file cannot be read.
  void read(bool all, const Take& take);

  /// Ends a last line that a kill has left unfinished, so that what is appended begins a line. Throws `StorageError`.
  void end_last_line();

 private:
  bool open_file();
  void take_lines(std::string_view bytes, const Take& take);

  std::filesystem::path file_;
  int handle_ = -1;
  std::int64_t place_;      // of the next byte to read
  std::string unfinished_;  // the start of a line, read already
  bool too_long_ = false;   // the line at hand is passed over
};

}  // namespace atelier
