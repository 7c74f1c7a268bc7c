#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "sweeps/program_guard.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// A program that is run with the parameters of a trial.
struct CommandSpec {
  /// The program and its arguments, never seen by a shell. `{KEY}` becomes the value of a parameter, `{{` and `}}` are
  /// braces; also `{trial.dir}`, `{trial.number}`, `{parameters}` (the file that ATELIER_PARAMETERS names) and
  /// `{seed}`. Where a parameter does not count (its condition does not hold) the argument is left out, and before a
  /// bare `{KEY}` its option
  /// ("--momentum", "{momentum}") too.
  std::vector<std::string> command;
  std::map<std::string, std::string> environment;  ///< Beside, or instead of, the variables that we have ourselves.
  double timeout = 0;                              ///< Seconds that one attempt may take; 0: any.
  double grace = 10;                               ///< Seconds between SIGTERM and SIGKILL.
  std::string step_key = "step";  ///< What the program calls the resource that it has spent, for instance "epoch".
  /// A program whose worker has been silent for so long is stopped until it is heard again: the trial may be another's
  /// by then. Less than the lease of a claim.
  std::chrono::milliseconds silence{20'000};
};

/// Trials that are runs of any program. docs/commands.md is its side of the contract.
///
/// The program works in our working folder, in a process group of its own, and nothing of it outlives the trial or us
/// (see `ProgramGuard`). In the trial's folder are `parameters.json`; `stdout.txt` and `stderr.txt`, to which each
/// attempt is appended; `reported.jsonl`, which ATELIER_METRICS names and only the program writes; and `metrics.jsonl`,
/// written here: the records of both, one JSON object a line: `step`, `epoch` where the program
/// says it, `time` (seconds since the trial began, of all attempts), the numbers under dotted names, and `from`, the
/// place behind the line it was read from, so that after `kill -9` no line is lost or taken twice. A record is a line
/// that is a JSON object with a number in it; Python's NaN and Infinity are understood. One that does not say its step
/// is one after the record before it.
///
/// A failed program gives a failed result, it does not throw. A program that was told to end by a signal to us throws
/// `Interrupted`. Of several ranks the first runs the program, the others sleep.
class CommandTrials : public TrialRunner {
 public:
  /// `parameters`: the names that the space has. Throws `UsageError` when the command is empty, or names something that
  /// is none of them.
  CommandTrials(CommandSpec spec, const std::vector<std::string>& parameters);

  /// The names in a command's placeholders, each once, in their order; those with a meaning of their own among them.
  static std::vector<std::string> placeholders(const std::vector<std::string>& command);

  /// The trial's `check` throws `UsageError` when the program cannot be found here, or a value cannot be an argument.
  std::unique_ptr<PreparedTrial> prepare(const Parameters& parameters) override;

 private:
  CommandSpec spec_;
  ProgramGuard guard_;
};

}  // namespace atelier
