#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "sweeps/planner.h"
#include "sweeps/pruner.h"
#include "sweeps/sweep_state.h"
#include "sweeps/trial_job.h"
#include "sweeps/trial_ledger.h"

namespace atelier {

/// Chooses which trial a worker runs next, and claims it: a pruned one that belongs to the best of its rung after all,
/// one that was begun and left, or a new one. For the leader of a group alone.
class TrialQueue {
 public:
  struct Options {
    std::vector<std::int64_t> only;           ///< These trials and no others; empty: all.
    std::chrono::milliseconds lease{60'000};  ///< After which a trial whose worker gives no sign of life is taken over.
    std::int64_t ranks = 1;                   ///< Of the group: trials that need more are left to others.
  };
  /// The references must outlive it.
  TrialQueue(const SweepFolder& folder, const SweepSpec& spec, const SearchSpace& space, const Sampler& sampler,
             const Pruner& pruner, TrialRunner& runner, SweepState& state, TrialLedger& ledger, Options options);

  /// `wait` when others must end before more can be chosen, `leave` when there is nothing more to do here.
  Decision next();

  /// Throws `UsageError` when the sweep's trials were made with other data than there is now: they could not be
  /// compared with those to come.
  void require_same_data();
  /// Opens all failed trials for another attempt.
  void retry_failed();

  std::int64_t too_wide() const { return too_wide_; }  ///< Trials that need more ranks than the group has.
  /// Trials of the whole sweep, those that nobody has begun among them.
  std::int64_t total() const;

 private:
  using Clock = std::chrono::steady_clock;

  std::optional<TrialJob> continue_pruned();
  std::optional<TrialJob> take_open();
  std::optional<TrialJob> begin_new();
  std::optional<TrialJob> begin(std::int64_t number, TrialFile file, std::shared_ptr<Claim> claim);
  std::optional<TrialFile> choose(std::int64_t setting);
  bool is_new(const TrialFile& file, std::int64_t number);
  std::string identity(const TrialFile& file);
  PreparedTrial& prepare(const TrialFile& file);
  TrialJob job(const TrialFile& file, std::shared_ptr<Claim> claim);
  std::shared_ptr<Claim> take(std::int64_t number);
  bool wanted(std::int64_t number) const;
  bool fits(const TrialFile& file) const;
  std::optional<RunResult> read_result(const RunFolder& run) const;
  void note_ended(std::int64_t number, const RunResult& result);
  void make_folder(std::int64_t number) const;

  const SweepFolder& folder_;
  const SweepSpec& spec_;
  const Sampler& sampler_;
  const Pruner& pruner_;
  TrialRunner& runner_;
  SweepState& state_;
  TrialLedger& ledger_;
  const Options options_;
  const std::int64_t seeds_;
  Planner planner_;
  std::shared_ptr<PreparedTrial> prepared_;  // the newest
  Parameters prepared_parameters_;
  std::map<std::int64_t, Clock::time_point> held_until_;  // trials of others, which are not asked for before
  std::int64_t held_ = 0, too_wide_ = 0;
  bool must_wait_ = false;
};

}  // namespace atelier
