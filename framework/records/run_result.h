#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "framework/config/document.h"
#include "framework/records/trial_state.h"

namespace atelier {

/// How a run ended.
struct RunResult {
  TrialState state = TrialState::finished;  ///< One that has ended.
  std::string reason;                       ///< Why, unless it finished.
  std::int64_t steps = 0;                   ///< Updates done.
  double seconds = 0;                       ///< Time spent, over all its sessions.
  std::map<std::string, double> values;     ///< Final measures by dotted name, for instance "eval.content".
  /// Where a sweep takes its objectives otherwise (the best or a mean of the records): what it took, by measure.
  std::map<std::string, double> objectives;

  /// The values with the objectives in place of those of the same name.
  std::map<std::string, double> judged() const;
};

/// The text of `result.toml`.
std::string to_toml(const RunResult& result);

/// The reverse. Keys that are not known are left out. Throws `UsageError` when it does not say how the run ended.
RunResult run_result_from(const Document& document);

}  // namespace atelier
