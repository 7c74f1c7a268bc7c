#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "framework/config/value.h"
#include "framework/distributed/communicator.h"
#include "framework/storage/run_folder.h"

namespace atelier {

/// Parameters of a trial by dotted key, in the order of the search space.
using Parameters = std::vector<std::pair<std::string, Value>>;

/// What a sweep tries, as the sweep sees it: it knows trials, not GANs.
class TrialRunner {
 public:
  virtual ~TrialRunner() = default;

  /// The text that decides whether two trials are the same: everything that can change a result.
  /// Throws `UsageError` when the parameters do not fit.
  virtual std::string identity(const Parameters& parameters) = 0;

  /// Throws `UsageError` when this rank cannot run the trial: its data, its weights, the number of ranks. Not collective.
  virtual void check(const Parameters& parameters, const Communicator& ranks) = 0;

  /// Runs one trial in its folder, from where it was interrupted, and returns how it ended. Collective over `ranks`,
  /// whose rank 0 calls it with the same arguments as the others. Throws `Error` when the trial fails, `Interrupted`
  /// after a signal with the state saved. `before_write` is called before anything is written to the folder and throws
  /// when the trial is no longer ours.
  virtual RunResult run(const Parameters& parameters, const RunFolder& folder, Communicator& ranks,
                        const std::function<void()>& before_write) = 0;
};

}  // namespace atelier
