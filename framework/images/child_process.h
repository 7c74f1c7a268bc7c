#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace atelier {

/// Another program whose standard output we read. Its arguments go as a vector, never through a shell; its standard
/// input is empty; what it says on standard error is kept for our own message.
class ChildProcess {
 public:
  /// `arguments[0]` is the program, looked up on the PATH. Throws `Error` when it cannot be started.
  explicit ChildProcess(const std::vector<std::string>& arguments);
  /// Ends the program if it still runs.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Reads until the span is full or the output ends; returns how many bytes it got.
  std::size_t read(std::span<std::uint8_t> bytes);

  /// Waits for the program's end; true when it exited with 0. May be asked again.
  bool succeeded();

  /// The first line it wrote on standard error.
  std::string complaint() const;

 private:
  pid_t process_ = -1;
  int output_ = -1, errors_ = -1;
  bool succeeded_ = false;
};

}  // namespace atelier
