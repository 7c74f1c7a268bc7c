#include "sweeps/trial_executor.h"

#include <chrono>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/distributed/first_rank.h"
#include "sweeps/failed_attempts.h"
#include "sweeps/trial_records.h"

namespace atelier {
namespace {

using Clock = std::chrono::steady_clock;

class GroupExecutor : public TrialExecutor {
 public:
  GroupExecutor(const SweepFolder& folder, const SweepSpec& spec, const Objectives& objectives, const Pruner& pruner,
                TrialRunner& runner, SweepState& state, TrialLedger& ledger, Communicator& group)
      : folder_(folder),
        spec_(spec),
        objectives_(objectives),
        pruner_(pruner),
        runner_(runner),
        state_(state),
        ledger_(ledger),
        group_(group),
        leads_(group.rank() == 0) {}

  bool can_start() const override { return !job_; }
  void start(TrialJob job) override { job_ = std::move(job); }
  bool runs() const override { return job_.has_value(); }

  TrialOutcome wait() override {
    TrialOutcome outcome{.job = std::move(*job_)};
    job_.reset();
    const std::int64_t ranks = outcome.job.ranks;
    if (ranks == group_.size()) {
      run(outcome, group_);
      return outcome;
    }
    // A trial that wants fewer ranks than the group has.
    const auto part = group_.split(group_.rank() < ranks ? 0 : 1);
    if (group_.rank() < ranks) run(outcome, *part);
    return outcome;
  }

 private:
  /// Fills in how the trial ended.
  void run(TrialOutcome& outcome, Communicator& ranks) {
    TrialJob& job = outcome.job;
    if (leads_) ledger_.started(job);
    try {
      together(ranks, [&] {
        if (!job.trial) job.trial = runner_.prepare(run_parameters(job.file));
        job.trial->check(ranks);
      });
    } catch (const UsageError& problem) {
      outcome.result = {.state = TrialState::failed, .reason = problem.what()};  // every rank has seen it
      outcome.may_retry = false;
      return;
    }
    timed_out_ = false;
    try {
      outcome.result = job.trial->run(folder_.trial(job.number()), ranks, context_of(job));
    } catch (const Interrupted& stop) {
      outcome.kind = TrialOutcome::Kind::interrupted;
      outcome.why = stop.what();
    } catch (const StorageError&) {
      // A full disk fails every trial: this worker ends, and the trial goes on when there is room. A deleted trial is
      // its own.
      if (!leads_ || ranks.size() > 1 || !is_lost(*job.claim, outcome)) throw;
    } catch (const ClaimLost& lost) {
      if (ranks.size() > 1) fail_together(lost.what(), ranks);
      outcome.kind = TrialOutcome::Kind::lost;
      outcome.why = lost.what();
    } catch (const std::exception& problem) {
      outcome.result = {.state = TrialState::failed, .reason = first_line(problem)};
      if (ranks.size() > 1) fail_with_others(job, outcome.result, ranks);
    }
    if (timed_out_ && outcome.result.state == TrialState::pruned) outcome.result.state = TrialState::failed;
  }

  static bool is_lost(const Claim& claim, TrialOutcome& outcome) {
    try {
      claim.check();
      return false;
    } catch (const ClaimLost& lost) {
      outcome.kind = TrialOutcome::Kind::lost;
      outcome.why = lost.what();
      return true;
    }
  }

  /// A trial fails alone. With several ranks the others may be waiting for this one: only ending all is safe then.
  [[noreturn]] void fail_with_others(const TrialJob& job, const RunResult& result, Communicator& ranks) {
    if (leads_) {
      ledger_.fail(job.number(), result, *job.claim);
    } else {
      leave_reason(job, format("rank {}: {}", ranks.rank(), result.reason));
    }
    fail_together(result.reason, ranks);
  }

  [[noreturn]] static void fail_together(const std::string& why, Communicator& ranks) {
    log_warning(format("{}; the ranks of this launch end, start it again to go on", why));
    ranks.abort(1);
    throw Error(why);
  }

  /// The failure of a rank that does not lead, whose leader cannot know it: it waits for this rank, and ends with it.
  /// Who takes the trial next judges it.
  void leave_reason(const TrialJob& job, const std::string& reason) {
    const RunFolder run = folder_.trial(job.number());
    if (!Claim::is_newest(run.path(), job.generation)) return;
    try {
      leave_failure_of_rank(run, job.generation, reason);
    } catch (const StorageError& problem) {
      log_warning(problem.what());
    }
  }

  TrialContext context_of(const TrialJob& job) {
    TrialContext context;
    context.number = job.number();
    if (job.file.parent) context.parent = folder_.trial(*job.file.parent).path();
    if (!leads_) return context;
    context.before_write = [claim = job.claim] { claim->check(); };
    const auto records = std::make_shared<TrialRecords>(spec_.prune.resource);
    // What it said before it was interrupted counts as well.
    if (!spec_.prune.kind.empty()) records->read(folder_.trial(job.number()).metrics());
    context.on_record = [this, &job, begin = Clock::now(), records](const MetricRecord& record) {
      return reason_to_end(job, begin, *records, record);
    };
    return context;
  }

  std::optional<std::string> reason_to_end(const TrialJob& job, Clock::time_point begin, TrialRecords& records,
                                           const MetricRecord& recorded) {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (spec_.timeout_seconds() > 0 && seconds > spec_.timeout_seconds()) {
      timed_out_ = true;
      return format("timeout after {}", spec_.trial.timeout);
    }
    if (spec_.prune.kind.empty()) return std::nullopt;
    const Record& record = records.add(recorded);
    if (record.measures.contains(objectives_.all().front().metric))
      ledger_.recorded(job, record.at, objectives_.values(record.measures).front());
    state_.refresh();
    const Trial* known = state_.history().find(job.file.setting);
    const SweepState::Known* own = state_.find(job.number());
    if (!known || !own) return std::nullopt;  // deleted; the next look at the claim says so
    Trial trial = *known;
    trial.curve = own->curve;  // not that of another seed
    return pruner_.reason_to_end(trial, records.all(), state_.history());
  }

  const SweepFolder& folder_;
  const SweepSpec& spec_;
  const Objectives& objectives_;
  const Pruner& pruner_;
  TrialRunner& runner_;
  SweepState& state_;
  TrialLedger& ledger_;
  Communicator& group_;
  const bool leads_;
  std::optional<TrialJob> job_;
  bool timed_out_ = false;
};

}  // namespace

std::unique_ptr<TrialExecutor> make_group_executor(const SweepFolder& folder, const SweepSpec& spec,
                                                   const Objectives& objectives, const Pruner& pruner,
                                                   TrialRunner& runner, SweepState& state, TrialLedger& ledger,
                                                   Communicator& group) {
  return std::make_unique<GroupExecutor>(folder, spec, objectives, pruner, runner, state, ledger, group);
}

}  // namespace atelier
