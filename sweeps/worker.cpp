#include "sweeps/worker.h"

#include <map>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/claim.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

std::string in_words(const Parameters& parameters) {
  std::string text;
  for (const auto& [key, value] : parameters) text += format("{}{} = {}", text.empty() ? "" : ", ", key, to_text(value));
  return text;
}

/// One group of ranks going through the trials.
class Worker {
 public:
  Worker(const SweepFolder& folder, const Sampler& sampler, std::int64_t trials, TrialRunner& runner, Communicator& group)
      : folder_(folder), sampler_(sampler), trials_(trials), runner_(runner), group_(group), leads_(group.rank() == 0) {}

  WorkerReport run() {
    for (std::int64_t next = 0; next < trials_;) {
      if (group_.any(StopSignal::requested())) throw Interrupted("stopped; run the same command to go on");
      // The leader decides which trial is next and whether there is one; the others follow.
      std::unique_ptr<Claim> claim;
      std::string decision;
      if (leads_) decision = find_trial(next, claim);
      decision = group_.broadcast(decision, 0);
      if (decision.empty()) break;
      const std::int64_t number = std::stoll(decision);
      run_trial(number, claim.get());
      next = number + 1;
    }
    return report_;
  }

 private:
  /// The number of the first trial from `first` on that could be claimed; empty when there is none.
  std::string find_trial(std::int64_t first, std::unique_ptr<Claim>& claim) {
    for (std::int64_t number = first; number < trials_; ++number) {
      const Parameters parameters = sampler_.suggest(number, History())->parameters;
      std::string identity;
      try {
        identity = hex(digest(runner_.identity(parameters)));
      } catch (const UsageError& problem) {
        // Parameters that do not fit together: this trial fails, the others go on.
        fail_unfit(number, parameters, problem.what());
        continue;
      }
      const auto [earlier, fresh] = identities_.emplace(identity, number);
      if (!fresh && earlier->second != number) {
        log_info(format("trial {} is the same as trial {}", number, earlier->second));
        ++report_.same;
        continue;
      }
      const RunFolder trial = folder_.trial(number);
      folder_.prepare_trial(number, identity, parameters);
      if (std::filesystem::exists(trial.result())) continue;
      claim = Claim::take(trial.path());
      if (!claim) continue;
      // Between the look and the claim another worker may have ended it.
      if (std::filesystem::exists(trial.result())) {
        claim.reset();
        continue;
      }
      return std::to_string(number);
    }
    return {};
  }

  void fail_unfit(std::int64_t number, const Parameters& parameters, const std::string& why) {
    const RunFolder trial = folder_.trial(number);
    folder_.prepare_trial(number, "", parameters);
    if (std::filesystem::exists(trial.result())) return;
    const std::unique_ptr<Claim> claim = Claim::take(trial.path());
    if (claim) finish(number, {.state = "failed", .reason = why}, *claim);
  }

  void run_trial(std::int64_t number, const Claim* claim) {
    const Parameters parameters = sampler_.suggest(number, History())->parameters;
    const RunFolder trial = folder_.trial(number);
    if (leads_) log_info(format("trial {} of {}: {}", number, trials_, in_words(parameters)));
    RunResult result;
    try {
      together(group_, [&] { runner_.check(parameters, group_); });
    } catch (const UsageError& problem) {
      // Every rank has seen it.
      if (leads_) finish(number, {.state = "failed", .reason = problem.what()}, *claim);
      return;
    }
    try {
      TrialContext context;
      context.before_write = [claim] {
        if (claim) claim->check();
      };
      result = runner_.run(parameters, trial, group_, context);
    } catch (const Interrupted&) {
      throw;
    } catch (const StorageError&) {
      throw;  // a full disk fails every trial: this worker ends, and the trial goes on when there is room
    } catch (const ClaimLost& lost) {
      if (group_.size() > 1) fail_together(lost.what());
      log_warning(lost.what());
      return;
    } catch (const std::exception& problem) {
      // A trial fails alone. With several ranks the others may be waiting for this one: only ending all is safe then.
      result.state = "failed";
      result.reason = first_line(problem);
      if (group_.size() > 1) {
        if (leads_) finish(number, result, *claim);
        fail_together(result.reason);
      }
    }
    if (leads_) finish(number, result, *claim);
  }

  void finish(std::int64_t number, const RunResult& result, const Claim& claim) {
    try {
      claim.check();
    } catch (const ClaimLost& lost) {
      log_warning(lost.what());
      return;
    }
    folder_.trial(number).write_result(result);
    ++report_.ran;
    if (result.state == "failed") {
      ++report_.failed;
      log_warning(format("trial {} failed: {}", number, result.reason));
      return;
    }
    std::string values;
    for (const auto& [name, value] : result.values) values += format(", {} {:.4g}", name, value);
    log_info(format("trial {} {} after {:.0f} s{}", number, result.state, result.seconds, values));
  }

  [[noreturn]] void fail_together(const std::string& why) {
    log_warning(format("{}; the ranks of this launch end, start it again to go on", why));
    group_.abort(1);
    throw Error(why);
  }

  const SweepFolder& folder_;
  const Sampler& sampler_;
  const std::int64_t trials_;
  TrialRunner& runner_;
  Communicator& group_;
  const bool leads_;
  std::map<std::string, std::int64_t> identities_;
  WorkerReport report_;
};

}  // namespace

WorkerReport work(const SweepFolder& folder, const Sampler& sampler, std::int64_t trials, TrialRunner& runner,
                  Communicator& group) {
  return Worker(folder, sampler, trials, runner, group).run();
}

}  // namespace atelier
