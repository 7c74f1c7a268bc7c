#pragma once

#include <sys/types.h>

#include <chrono>
#include <optional>
#include <string>
#include <vector>

namespace atelier {

/// Runs other programs, one at a time, so that nothing of them is left behind, however we end.
///
/// A small process of its own (a fork of this one, in its own session) starts each program in a process group of its
/// own and waits for it. Between it and us is a socket:
///
/// - When we are gone, be it by `kill -9`, the socket says so and it kills the program and leaves.
/// - It adopts what the program leaves behind (PR_SET_CHILD_SUBREAPER), also what has moved to a session of its own,
/// and kills
///   that when the program has ended. Only then do we hear of the end.
/// - When we have been silent for too long (suspended, or waiting for a file server), it stops the program (SIGSTOP)
/// until we
///   are heard again: by then the trial may be another worker's, which runs it in the same folder.
/// - Should it be killed itself, the program is too (PR_SET_PDEATHSIG), though not what the program has started.
///
/// Forking once and early, it costs little to start a program, however much memory we use. Not for use by two threads
/// at once.
class ProgramGuard {
 public:
  /// `silence`: how long a program goes on without `keep_alive`.
  explicit ProgramGuard(std::chrono::milliseconds silence) : silence_(silence) {}
  /// Kills what still runs.
  ~ProgramGuard();
  ProgramGuard(const ProgramGuard&) = delete;
  ProgramGuard& operator=(const ProgramGuard&) = delete;

  /// Starts a program: `arguments[0]` is looked up on the PATH of `environment` ("KEY=VALUE" each, all it gets). Its
  /// standard input is empty, its output and errors go to the two files. Throws `Error` when it cannot be started. None
  /// may be running.
  void start(const std::vector<std::string>& arguments, const std::vector<std::string>& environment, int output,
             int errors);

  /// Sends the program and all of its process group a signal.
  void signal(int number);
  /// Says that we are here and the program is still ours.
  void keep_alive();

  /// Waits for the end, at most so long, or until a signal comes to us: how the program ended, as `waitpid` says it.
  /// None when it still runs. Throws `Error` when the guard itself was killed.
  std::optional<int> wait(std::chrono::milliseconds timeout);
  /// Kills the program and all of it, and waits until it is gone. Does not throw.
  void kill();

 private:
  struct Reply;
  void ensure_guard();
  void forget_guard();
  void send(char kind, int number);
  std::optional<Reply> receive(int timeout_ms);

  std::chrono::milliseconds silence_;
  pid_t guard_ = -1;
  int socket_ = -1;
  bool running_ = false;
};

}  // namespace atelier
