#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace atelier {

/// Something went wrong while running: the message says what, where and what would be right. Exit status 1.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The user asked for something that cannot be: a wrong flag, a wrong spec, a missing input. Found before anything is
/// created; the message is one line. Exit status 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// The file system refused: full, read-only, gone. Nothing that depends on it will do better, so a sweep's worker ends
/// instead of failing one trial after the other.
class StorageError : public Error {
 public:
  explicit StorageError(const std::string& what, bool gone = false) : Error(what), gone_(gone) {}
  /// Whether the reason is that the file's folder is not there.
  bool gone() const { return gone_; }

 private:
  bool gone_;
};

/// Memory was asked for that there is not.
class OutOfMemory : public Error {
 public:
  /// `bytes`: how much was asked for at once; 0 when that is not known.
  explicit OutOfMemory(std::uint64_t bytes);
  std::uint64_t bytes() const { return bytes_; }

 private:
  std::uint64_t bytes_;
};

/// The first line of what an exception says; libtorch's go on with a stack trace.
std::string first_line(const std::exception& problem);

/// The user or the scheduler asked us to stop and the state has been saved. Exit status 130.
class Interrupted : public Error {
 public:
  using Error::Error;
};

/// "no such file or directory" and the like, for the value of `errno`.
std::string system_message(int error_number);

}  // namespace atelier
