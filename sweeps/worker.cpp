#include "sweeps/worker.h"

#include "framework/core/error.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/distributed/first_rank.h"
#include "sweeps/objectives.h"
#include "sweeps/sweep_state.h"
#include "sweeps/trial_executor.h"
#include "sweeps/trial_ledger.h"
#include "sweeps/trial_queue.h"

namespace atelier {
namespace {

/// One group of ranks going through the trials: the queue chooses, the executor runs, the ledger writes down. The
/// leader of the group decides; the other ranks follow.
class Worker {
 public:
  Worker(const SweepFolder& folder, const SweepSpec& spec, const SearchSpace& space, const Sampler& sampler,
         const Pruner& pruner, TrialRunner& runner, Communicator& group, const WorkOptions& options)
      : folder_(folder),
        group_(group),
        options_(options),
        leads_(group.rank() == 0),
        objectives_(spec),
        state_(folder, objectives_, spec.trial.seeds),
        ledger_(folder, spec, objectives_, state_, group.size()),
        queue_(folder, spec, space, sampler, pruner, runner, state_, ledger_,
               {.only = options.only, .lease = options.lease, .ranks = group.size()}),
        executor_(make_group_executor(folder, spec, objectives_, pruner, runner, state_, ledger_, group)) {}

  WorkerReport run() {
    on_first_rank(group_, [&] {
      state_.look();
      queue_.require_same_data();
      if (options_.retry_failed) queue_.retry_failed();
    });
    for (;;) {
      // The ranks that had no part in an interrupted trial learn of it here.
      if (group_.any(!interrupted_.empty() || StopSignal::requested())) {
        leave();
        throw Interrupted(interrupted_.empty() ? "stopped; run the same command to go on" : interrupted_);
      }
      Decision::Kind kind = Decision::Kind::run;
      while (kind == Decision::Kind::run && executor_->can_start()) {
        Decision decision = broadcast(leads_ ? queue_.next() : Decision{}, group_);
        kind = decision.kind;
        if (kind == Decision::Kind::run) executor_->start(std::move(decision.job));
      }
      if (executor_->runs()) {
        note(executor_->wait());
      } else if (kind == Decision::Kind::leave) {
        break;
      }
    }
    leave();
    return finish_report();
  }

 private:
  void note(TrialOutcome outcome) {
    if (outcome.kind == TrialOutcome::Kind::interrupted) interrupted_ = outcome.why;
    if (!leads_) return;
    if (outcome.kind == TrialOutcome::Kind::lost) log_warning(outcome.why);
    if (outcome.kind != TrialOutcome::Kind::ended) return;
    objectives_.settle(outcome.result, folder_.trial(outcome.job.number()));
    if (outcome.result.state == TrialState::failed && outcome.may_retry) {
      ledger_.fail(outcome.job.number(), outcome.result, *outcome.job.claim);
    } else {
      ledger_.end(outcome.job.number(), outcome.result, *outcome.job.claim);
    }
  }

  void leave() {
    if (leads_) ledger_.leave();
  }

  WorkerReport finish_report() {
    if (!leads_) return {};
    state_.look();
    return {.ran = ledger_.ran(),
            .failed = ledger_.failed(),
            .pruned = ledger_.pruned(),
            .ended = state_.ended(),
            .total = queue_.total(),
            .open = static_cast<std::int64_t>(state_.open().size()),
            .too_wide = queue_.too_wide()};
  }

  const SweepFolder& folder_;
  Communicator& group_;
  const WorkOptions& options_;
  const bool leads_;
  const Objectives objectives_;
  SweepState state_;
  TrialLedger ledger_;
  TrialQueue queue_;
  std::unique_ptr<TrialExecutor> executor_;
  std::string interrupted_;
};

}  // namespace

WorkerReport work(const SweepFolder& folder, const SweepSpec& spec, const SearchSpace& space, const Sampler& sampler,
                  const Pruner& pruner, TrialRunner& runner, Communicator& group, const WorkOptions& options) {
  return Worker(folder, spec, space, sampler, pruner, runner, group, options).run();
}

}  // namespace atelier
