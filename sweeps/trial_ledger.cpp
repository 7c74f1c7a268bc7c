#include "sweeps/trial_ledger.h"

#include <unistd.h>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/storage/json_lines.h"
#include "framework/storage/utc_time.h"
#include "sweeps/failed_attempts.h"

namespace atelier {
namespace {

/// A trial that took less, in seconds, is cheaper to run again than to wait for the disk.
constexpr double worth_flushing = 0.1;

}  // namespace

TrialLedger::TrialLedger(const SweepFolder& folder, const SweepSpec& spec, const Objectives& objectives,
                         SweepState& state, int ranks)
    : folder_(folder), spec_(spec), objectives_(objectives), state_(state), ranks_(ranks), journal_(folder.journal()) {}

void TrialLedger::tell(const SweepEvent& event) {
  if (!told_) {
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    told_ = true;
    journal_.write(WorkerJoined{.host = host, .pid = getpid(), .ranks = ranks_});
  }
  journal_.write(event);
  state_.note(event);
}

void TrialLedger::started(const TrialJob& job) {
  log_info(format("trial {}: {}", job.number(), in_words(job.file.parameters)));
  tell(TrialStarted{.generation = job.generation, .trial = job.file});
}

void TrialLedger::recorded(const TrialJob& job, double at, double value) {
  tell(TrialRecorded{.trial = job.number(), .generation = job.generation, .at = at, .value = value});
}

void TrialLedger::open_again(std::int64_t number, const Claim& claim) {
  tell(TrialAgain{.trial = number, .generation = claim.generation()});
}

void TrialLedger::fail(std::int64_t number, const RunResult& result, const Claim& claim) {
  if (!retried(number, result, claim)) end(number, result, claim);
}

bool TrialLedger::retried(std::int64_t number, const RunResult& result, const Claim& claim) {
  if (spec_.trial.retries == 0) return false;
  const RunFolder run = folder_.trial(number);
  const std::filesystem::path file = run.attempts();
  try {
    claim.check();
    const auto failed_before = static_cast<std::int64_t>(read_json_lines(file).size());
    if (failed_before >= spec_.trial.retries) return false;
    JsonLinesWriter(file).write({{"reason", result.reason}, {"time", utc_now()}});
    log_warning(format("trial {} failed: {}; attempt {} of {} follows", number, result.reason, failed_before + 2,
                       spec_.trial.retries + 1));
    set_attempt_aside(run, claim.generation());
    open_again(number, claim);
  } catch (const ClaimLost& lost) {
    log_warning(lost.what());
  }
  return true;
}

void TrialLedger::end(std::int64_t number, const RunResult& result, const Claim& claim) {
  try {
    claim.check();
  } catch (const ClaimLost& lost) {
    log_warning(lost.what());
    return;
  }
  if (!folder_.trial(number).create_result(result, result.seconds >= worth_flushing)) {
    log_warning(format("trial {} was ended by another worker meanwhile", number));
    return;
  }
  RunResult judged = result;
  judged.values = result.judged();
  tell(TrialEnded{.trial = number, .generation = claim.generation(), .result = judged});
  ++ran_;
  pruned_ += result.state == TrialState::pruned;
  if (result.state == TrialState::failed) {
    ++failed_;
    log_warning(format("trial {} failed: {}", number, result.reason));
    return;
  }
  std::string text;
  for (const Objective& objective : objectives_.all()) {
    const auto found = judged.values.find(objective.metric);
    if (found != judged.values.end()) text += format(", {} {:.4g}", objective.metric, found->second);
  }
  log_info(format("trial {} {}{}{}", number, to_text(result.state),
                  result.reason.empty() ? "" : " (" + result.reason + ")", text));
}

void TrialLedger::leave() {
  if (!told_) return;
  try {
    journal_.write(WorkerLeft{});
  } catch (const StorageError& problem) {
    log_warning(problem.what());
  }
}

}  // namespace atelier
