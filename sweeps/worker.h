#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "framework/distributed/communicator.h"
#include "framework/records/sweep_folder.h"
#include "sweeps/pruner.h"
#include "sweeps/sampler.h"
#include "sweeps/search_space.h"
#include "sweeps/sweep_spec.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// What the ranks of one launch did in a sweep.
struct WorkerReport {
  std::int64_t ran = 0;       ///< Trials that ended here, failed and pruned ones among them.
  std::int64_t failed = 0;    ///< Of those.
  std::int64_t pruned = 0;    ///< Of those.
  std::int64_t ended = 0;     ///< Of the whole sweep, as far as is known here.
  std::int64_t total = 0;     ///< Trials of the whole sweep, those that nobody has begun among them.
  std::int64_t open = 0;      ///< Begun and not ended: held by others when this worker left.
  std::int64_t too_wide = 0;  ///< Trials that need more ranks than this group has.
};

struct WorkOptions {
  std::vector<std::int64_t> only;           ///< Work on these trials and no others; empty: on all.
  bool retry_failed = false;                ///< Trials that have failed are run again, once.
  std::chrono::milliseconds lease{60'000};  ///< After which a trial whose worker gives no sign of life is taken over.
};

/// Works on a sweep until every trial has ended or is held by others: claims a trial, runs it, writes its result, and
/// so on. Any number of these may work on one folder at any time. Collective over `group`, the ranks that share a
/// trial.
///
/// Throws `UsageError` when the sweep's trials were made with other data than there is now, and `Interrupted` after a
/// signal, with the trial's state saved and its claim released.
WorkerReport work(const SweepFolder& folder, const SweepSpec& spec, const SearchSpace& space, const Sampler& sampler,
                  const Pruner& pruner, TrialRunner& runner, Communicator& group, const WorkOptions& options);

}  // namespace atelier
