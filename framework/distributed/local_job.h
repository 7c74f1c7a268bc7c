#pragma once

#include <optional>
#include <string>

namespace atelier {

/// One of several worker processes that a program started on this machine without MPI (`atelier sweep --jobs`). They
/// share the machine's processors and GPUs, and nothing else.
struct LocalJob {
  int index = 0;  ///< 0 .. count-1.
  int count = 1;

  /// What carries it from the program that starts a worker to the worker.
  static constexpr const char* variable = "ATELIER_JOB";
  /// "1/4" for the second of four.
  std::string to_text() const;

  /// None for a process that was not started so. Throws `UsageError` for a variable that says something else.
  static std::optional<LocalJob> of_this_process();
};

}  // namespace atelier
