#pragma once

#include <functional>
#include <optional>
#include <string>

#include "framework/records/metric_record.h"

namespace atelier {

/// What surrounds a run.
struct RunContext {
  std::string command_line;  ///< For its provenance.
  /// Called on rank 0 before it writes, also by the thread that writes checkpoints; throws when it must not.
  std::function<void()> before_write = [] {};
  /// Called on rank 0 with what a step recorded, losses and evaluation together, as they stand in `metrics.jsonl`; the
  /// reason to end early, or none. May be empty.
  std::function<std::optional<std::string>(const MetricRecord& record)> reason_to_prune;
};

}  // namespace atelier
