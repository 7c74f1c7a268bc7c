#pragma once

#include <cstdint>

#include "framework/training/record_options.h"
#include "framework/training/run_context.h"

namespace atelier {

/// How a task is trained into a run folder.
struct LoopOptions {
  RecordOptions record;             ///< What is written how often.
  bool highest_is_best = false;     ///< Of `record.best`; otherwise the lowest is.
  std::int64_t check_every = 1000;  ///< Steps between comparisons of the networks on all ranks; 0: never.
  std::int64_t global_batch = 1;    ///< For the rate in images a second.
  RunContext context;
};

}  // namespace atelier
