#pragma once

#include <cstdint>

#include "framework/records/sweep_folder.h"
#include "framework/records/sweep_journal.h"
#include "sweeps/objectives.h"
#include "sweeps/sweep_state.h"
#include "sweeps/trial_job.h"

namespace atelier {

/// Writes down what becomes of trials: their results, the attempts that failed, and the journal in which this worker
/// tells the others. What it writes it also notes in the state, before its journal is read back.
///
/// Each call first makes sure that the claim still holds; a trial that was lost is left alone, with a warning.
class TrialLedger {
 public:
  /// The references must outlive it.
  TrialLedger(const SweepFolder& folder, const SweepSpec& spec, const Objectives& objectives, SweepState& state,
              int ranks);

  void started(const TrialJob& job);
  /// The value of the first objective on the way, in the form in which smaller is better.
  void recorded(const TrialJob& job, double at, double value);

  /// Ends a trial for good.
  void end(std::int64_t number, const RunResult& result, const Claim& claim);
  /// Ends a trial that failed, or opens it for another attempt where `trial.retries` allows one.
  void fail(std::int64_t number, const RunResult& result, const Claim& claim);
  /// A failed trial begins anew: where it failed, going on would fail again. What it left is set aside by the caller.
  void open_again(std::int64_t number, const Claim& claim);

  /// This worker does no more.
  void leave();

  std::int64_t ran() const { return ran_; }  ///< Trials that ended here, failed and pruned ones among them.
  std::int64_t failed() const { return failed_; }
  std::int64_t pruned() const { return pruned_; }

 private:
  /// Whether a failed trial was given another attempt, or is not ours any more.
  bool retried(std::int64_t number, const RunResult& result, const Claim& claim);
  void tell(const SweepEvent& event);

  const SweepFolder& folder_;
  const SweepSpec& spec_;
  const Objectives& objectives_;
  SweepState& state_;
  const int ranks_;
  SweepJournalWriter journal_;
  bool told_ = false;
  std::int64_t ran_ = 0, failed_ = 0, pruned_ = 0;
};

}  // namespace atelier
