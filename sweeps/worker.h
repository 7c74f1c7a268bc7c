#pragma once

#include <cstdint>

#include "framework/distributed/communicator.h"
#include "sweeps/sampler.h"
#include "sweeps/sweep_folder.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// What the ranks of one launch did in a sweep.
struct WorkerReport {
  std::int64_t ran = 0;     ///< Trials that ended here, failed ones among them.
  std::int64_t failed = 0;  ///< Of those.
  std::int64_t same = 0;    ///< Trials that equal an earlier one and so are not run, of all.
};

/// Works on a sweep until every trial has ended or is held by others: claims a trial, runs it, writes its result, and so
/// on. Any number of these may work on one folder at any time. Collective over `group`, the ranks that share a trial.
///
/// Throws `Interrupted` after a signal, with the trial's state saved and its claim released.
WorkerReport work(const SweepFolder& folder, const Sampler& sampler, std::int64_t trials, TrialRunner& runner,
                  Communicator& group);

}  // namespace atelier
