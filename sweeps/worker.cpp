#include "sweeps/worker.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <thread>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"
#include "framework/storage/digest.h"
#include "framework/storage/journal.h"
#include "framework/storage/value_json.h"
#include "sweeps/failed_attempts.h"
#include "sweeps/objectives.h"
#include "sweeps/planner.h"
#include "sweeps/sweep_state.h"

namespace atelier {
namespace {

using Clock = std::chrono::steady_clock;

/// How often the folder itself is looked at, besides the journals.
constexpr std::chrono::milliseconds look_every{1000};
/// A trial that took less is cheaper to run again than to wait for the disk.
constexpr double worth_flushing = 0.1;
/// Workers that may die on one trial before it counts as failed: some trials take their worker with them.
constexpr std::int64_t most_deaths = 10;

/// What all ranks of a group need to know to run a trial.
struct Job {
  std::int64_t number = 0;
  TrialFile file;
  std::int64_t ranks = 1;
  std::int64_t generation = 0;  ///< Of the leader's claim.

  std::string to_text() const {
    std::string text =
        format("number = {}\nranks = {}\ngeneration = {}\nsetting = {}\n", number, ranks, generation, file.setting);
    if (file.seed) text += format("seed = {}\n", *file.seed);
    if (file.parent) text += format("parent = {}\n", *file.parent);
    if (file.asked_for) text += "asked_for = true\n";
    text += "[parameters]\n";
    for (const auto& [key, value] : file.parameters) text += format("{} = {}\n", toml_key(key), to_toml(value));
    return text;
  }

  static Job from_text(const std::string& text) {
    Job job;
    const Document document = Document::from_text(text, "a job", "");
    for (const Document::Entry& entry : document.entries()) {
      const auto whole = [&] { return std::get<std::int64_t>(entry.value.data); };
      if (entry.path.size() > 1) {
        std::string key;
        for (std::size_t i = 1; i < entry.path.size(); ++i) key += (i > 1 ? "." : "") + entry.path[i];
        job.file.parameters.emplace_back(key, entry.value);
      } else if (entry.path[0] == "number") {
        job.number = whole();
      } else if (entry.path[0] == "ranks") {
        job.ranks = whole();
      } else if (entry.path[0] == "generation") {
        job.generation = whole();
      } else if (entry.path[0] == "setting") {
        job.file.setting = whole();
      } else if (entry.path[0] == "seed") {
        job.file.seed = whole();
      } else if (entry.path[0] == "asked_for") {
        job.file.asked_for = true;
      } else {
        job.file.parent = whole();
      }
    }
    return job;
  }
};

/// One group of ranks going through the trials.
class Worker {
 public:
  Worker(const SweepFolder& folder, const SweepSpec& spec, const SearchSpace& space, const Sampler& sampler,
         const Pruner& pruner, TrialRunner& runner, Communicator& group, const WorkOptions& options)
      : folder_(folder),
        spec_(spec),
        pruner_(pruner),
        runner_(runner),
        group_(group),
        options_(options),
        leads_(group.rank() == 0),
        sampler_(sampler),
        objectives_(spec),
        state_(folder, objectives_, spec.trial.seeds),
        planner_(sampler, space, state_, spec.trial.seeds, spec.seed),
        journal_(folder.journal()) {}

  WorkerReport run() {
    on_first_rank(group_, [&] {
      state_.refresh(true);
      last_look_ = Clock::now();
      require_same_data();
      if (options_.retry_failed) retry_failed();
    });
    for (;;) {
      if (group_.any(!interrupted_.empty() || StopSignal::requested())) {
        leave();
        throw Interrupted(interrupted_.empty() ? "stopped; run the same command to go on" : interrupted_);
      }
      // The leader decides which trial is next and whether there is one; the others follow.
      std::unique_ptr<Claim> claim;
      std::string decision;
      if (leads_) decision = next_job(claim);
      decision = group_.broadcast(decision, 0);
      if (decision == "wait") continue;
      if (decision.empty()) break;
      const Job job = Job::from_text(decision);
      try {
        run_job(job, claim.get());
      } catch (const Interrupted& stop) {
        // The ranks that had no part in the trial learn of it in the next turn.
        interrupted_ = stop.what();
      }
    }
    leave();
    return finish_report();
  }

 private:
  // ---- Choosing: the leader alone.

  /// The next trial with its claim; "wait" when others must end first; empty when there is nothing more to do here.
  std::string next_job(std::unique_ptr<Claim>& claim) {
    refresh();
    if (const auto job = continue_pruned(claim)) return *job;
    if (const auto job = take_open(claim)) return *job;
    if (const auto job = begin_new(claim)) return *job;
    if (must_wait_) {
      for (int i = 0; i < 20 && !StopSignal::requested(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
      return "wait";
    }
    return {};
  }

  void refresh() {
    const bool thorough = Clock::now() - last_look_ >= look_every;
    state_.refresh(thorough);
    if (thorough) last_look_ = Clock::now();
  }

  /// Trials that were made with other pictures cannot be compared with those to come.
  void require_same_data() {
    for (std::int64_t number = 0; number < state_.next_number(); ++number) {
      if (!state_.find(number) || state_.find(number)->file.parameters.empty()) continue;
      const std::optional<TrialFile> file = folder_.read_trial(number);
      if (!file || file->identity.empty()) continue;
      std::string now;
      try {
        now = hex(digest(identity(*file)));
      } catch (const UsageError&) {
        continue;  // what this trial needs is not there any more; others may not need it
      }
      if (now == file->identity) return;
      throw UsageError(
          format("{}: trial {} was made with other data, or by another version of Atelier: its results and new ones "
                 "cannot be compared; "
                 "choose another --out, or put the data back",
                 folder_.path().string(), number));
    }
  }

  bool wanted(std::int64_t number) const {
    return options_.only.empty() ||
           std::find(options_.only.begin(), options_.only.end(), number) != options_.only.end();
  }

  /// A claim, unless somebody alive has it; who holds a trial now is not asked again for a while.
  std::unique_ptr<Claim> take(std::int64_t number) {
    const auto found = held_until_.find(number);
    if (found != held_until_.end() && Clock::now() < found->second) return nullptr;
    const std::filesystem::path run = folder_.trial(number).path();
    std::unique_ptr<Claim> claim;
    try {
      claim = Claim::take(run, {.lease = options_.lease});
    } catch (const StorageError& problem) {
      if (!problem.gone()) throw;
      last_look_ = {};  // deleted: the next look at the folder tells what that means
      return nullptr;
    }
    if (claim) {
      held_until_.erase(number);
    } else {
      held_until_[number] = Clock::now() + std::min<Clock::duration>(options_.lease / 8, std::chrono::seconds(1));
    }
    return claim;
  }

  std::int64_t ranks_of(const TrialFile& file) const {
    const Value* ranks = find(file.parameters, ranks_key);
    return ranks ? std::get<std::int64_t>(ranks->data) : 0;
  }

  bool fits(const TrialFile& file) const { return ranks_of(file) <= group_.size(); }

  std::string job_text(std::int64_t number, const TrialFile& file, const Claim& claim) {
    const std::int64_t ranks = ranks_of(file);
    return Job{
        .number = number, .file = file, .ranks = ranks == 0 ? group_.size() : ranks, .generation = claim.generation()}
        .to_text();
  }

  std::optional<std::string> continue_pruned(std::unique_ptr<Claim>& claim) {
    const std::optional<std::int64_t> setting = pruner_.to_continue(state_.history());
    if (!setting) return std::nullopt;
    for (std::int64_t number = *setting * spec_.trial.seeds; number < (*setting + 1) * spec_.trial.seeds; ++number) {
      const SweepState::Known* known = state_.find(number);
      if (!known || known->state != TrialState::pruned || !wanted(number) || !fits(known->file)) continue;
      claim = take(number);
      if (!claim) continue;
      const RunFolder run = folder_.trial(number);
      const std::optional<RunResult> result = run.read_result();
      if (result && result->state == "pruned") {
        std::filesystem::rename(run.result(), run.path() / format("pruned-{:08}.toml", result->steps));
      } else if (result) {
        claim.reset();  // somebody else continued it meanwhile
        continue;
      }
      log_info(format("trial {} goes on: it is among the best of its rung", number));
      return job_text(number, known->file, *claim);
    }
    return std::nullopt;
  }

  /// Trials that were begun and have not ended: their workers died or gave them back; or that a person asked for.
  std::optional<std::string> take_open(std::unique_ptr<Claim>& claim) {
    held_ = too_wide_ = 0;
    const std::vector<std::int64_t> open(state_.open().begin(), state_.open().end());
    for (const std::int64_t number : open) {
      const SweepState::Known* known = state_.find(number);
      if (!known || !wanted(number)) continue;
      if (!fits(known->file)) {
        ++too_wide_;
        continue;
      }
      claim = take(number);
      if (!claim) {
        ++held_;
        continue;
      }
      const RunFolder run = folder_.trial(number);
      finish_setting_aside(run);
      // Between the look and the claim another worker may have ended it.
      if (const std::optional<RunResult> result = read_result(run)) {
        note_ended(number, *result);
        claim.reset();
        continue;
      }
      if (const std::optional<RunResult> failure = failure_left_by_rank(run)) {
        if (!try_again(number, *failure, *claim)) end(number, *failure, *claim);
        claim.reset();
        continue;
      }
      if (const std::int64_t deaths = claim->deaths(newest_failure(run)); deaths >= most_deaths) {
        end(number, {.state = "failed", .reason = format("{} workers died while they ran it", deaths)}, *claim);
        claim.reset();
        continue;
      }
      return job_text(number, known->file, *claim);
    }
    return std::nullopt;
  }

  /// None for a file that a crash of the machine has emptied.
  static std::optional<RunResult> read_result(const RunFolder& run) {
    try {
      return run.read_result();
    } catch (const UsageError&) {
      std::error_code ignored;
      std::filesystem::remove(run.result(), ignored);
      return std::nullopt;
    }
  }

  void note_ended(std::int64_t number, const RunResult& result) {
    RunResult judged = result;
    judged.values = result.judged();
    if (const SweepState::Known* known = state_.find(number)) state_.note_ended(number, known->generation, judged);
  }

  std::optional<std::string> begin_new(std::unique_ptr<Claim>& claim) {
    must_wait_ = false;
    const std::int64_t seeds = spec_.trial.seeds;
    for (std::int64_t number = state_.first_unknown();; ++number) {
      if (state_.find(number)) continue;
      if (spec_.trials > 0 && number >= spec_.trials * seeds + state_.asked_for()) return std::nullopt;
      if (!wanted(number)) {
        if (number > *std::max_element(options_.only.begin(), options_.only.end())) return std::nullopt;
        continue;
      }
      const std::int64_t setting = number / seeds;
      const std::optional<TrialFile> setting_file = setting_of(setting);
      if (!setting_file) {
        // Others must end before more can be chosen; without others it never will be.
        must_wait_ = !planner_.exhausted() && held_ > 0;
        return std::nullopt;
      }
      TrialFile file = *setting_file;
      file.setting = setting;
      // Samplers count settings; each seed goes on from its own.
      if (file.parent) file.parent = *file.parent * seeds + number % seeds;
      if (!fits(file)) {
        ++too_wide_;
        continue;
      }
      make_folder_quickly(folder_.trial(number).path());
      claim = take(number);
      if (!claim) {
        ++held_;
        continue;
      }
      if (const std::optional<std::string> job = begin(number, file, *claim)) return job;
      claim.reset();
      refresh();
    }
  }

  /// What a setting is, `parent` being a setting too; none when nothing can be chosen. With several seeds, whoever
  /// begins any of them fixes it for all.
  std::optional<TrialFile> setting_of(std::int64_t setting) {
    const std::int64_t seeds = spec_.trial.seeds;
    for (std::int64_t k = 0; seeds > 1 && k < seeds; ++k) {
      const SweepState::Known* known = state_.find(setting * seeds + k);
      if (!known || known->file.parameters.empty()) continue;
      TrialFile file = known->file;
      if (file.parent) file.parent = *file.parent / seeds;
      return file;
    }
    if (seeds > 1) {
      if (const std::optional<TrialFile> fixed = folder_.read_setting(setting)) return fixed;
    }
    std::optional<Suggestion> suggestion = planner_.choose(setting);
    for (std::int64_t attempt = 1; suggestion; ++attempt) {
      const TrialFile file{.identity = {},
                           .parameters = suggestion->parameters,
                           .setting = setting,
                           .seed = {},
                           .parent = suggestion->parent};
      if (seeds == 1) return file;
      TrialFile first = file;
      first.seed = runner_.first_seed();
      if (first.parent) first.parent = *first.parent * seeds;
      // An identity belongs to a trial that has a folder.
      make_folder_quickly(folder_.trial(setting * seeds).path());
      if (is_new(first, setting * seeds)) return folder_.fix_setting(setting, file);
      suggestion = planner_.choose_another(setting, attempt, file.parameters);
    }
    return std::nullopt;
  }

  /// Whether this trial is the first with its identity. Only samplers that learn choose the same twice.
  bool is_new(const TrialFile& file, std::int64_t number) {
    if (!sampler_.learns() || file.parent) return true;
    try {
      return folder_.register_identity(hex(digest(identity(file))), number) == number;
    } catch (const UsageError&) {
      return true;  // parameters that do not fit together: the trial will fail
    }
  }

  /// Writes down what a new trial is; none when it ended with that, or nothing new was left.
  std::optional<std::string> begin(std::int64_t number, TrialFile file, const Claim& claim) {
    const std::int64_t seeds = spec_.trial.seeds;
    if (const std::optional<TrialFile> there = folder_.read_trial(number)) {
      finish_setting_aside(folder_.trial(number));
      // Somebody began it and left.
      state_.note_trial(number, *there);
      if (const std::optional<RunResult> result = read_result(folder_.trial(number))) {
        note_ended(number, *result);
        return std::nullopt;
      }
      return job_text(number, *there, claim);
    }
    if (seeds > 1) file.seed = runner_.first_seed() + number % seeds;
    // Another worker may have chosen the same at this moment.
    for (std::int64_t attempt = 1; seeds == 1 && !is_new(file, number); ++attempt) {
      const std::optional<Suggestion> another = planner_.choose_another(file.setting, attempt, file.parameters);
      if (!another) {
        std::error_code ignored;
        std::filesystem::remove_all(folder_.trial(number).path(), ignored);
        return std::nullopt;
      }
      file.parameters = another->parameters;
    }
    std::string problem;
    try {
      file.identity = hex(digest(identity(file)));
    } catch (const UsageError& unfit) {
      problem = unfit.what();  // parameters that do not fit together: this trial fails, the others go on
    }
    file = folder_.create_trial(number, file);
    state_.note_trial(number, file);
    if (problem.empty()) return job_text(number, file, claim);
    end(number, {.state = "failed", .reason = problem}, claim);
    return std::nullopt;
  }

  std::string identity(const TrialFile& file) {
    std::string text = runner_.identity(runner_parameters(file));
    if (file.parent) text += format("parent = {}\n", *file.parent);
    return text;
  }

  /// What the runner sees: the setting's parameters and the seed, without what is the sweep's own.
  static Parameters runner_parameters(const TrialFile& file) {
    Parameters parameters = without_ranks(file.parameters);
    if (file.seed) parameters.emplace_back("seed", *file.seed);
    return parameters;
  }

  static void make_folder_quickly(const std::filesystem::path& folder) {
    std::error_code problem;
    if (!std::filesystem::create_directory(folder, problem) && problem) {
      throw StorageError(format("cannot create {}: {}", folder.string(),
                                problem.message()));  // the sweep's folder was deleted, or is full
    }
  }

  void retry_failed() {
    std::int64_t count = 0;
    for (std::int64_t number = 0; number < state_.next_number(); ++number) {
      const SweepState::Known* known = state_.find(number);
      if (!known || known->state != TrialState::failed || !wanted(number)) continue;
      const std::unique_ptr<Claim> claim = take(number);
      const RunFolder run = folder_.trial(number);
      if (!claim) continue;
      if (!finish_setting_aside(run)) {
        if (!std::filesystem::exists(run.result())) continue;  // another group was first
        set_attempt_aside(run, claim->generation());
      }
      std::error_code ignored;
      std::filesystem::remove(run.path() / "attempts.jsonl", ignored);
      again(number, *claim);
      ++count;
    }
    log_info(format("{} failed trial{} will be run again", count, count == 1 ? "" : "s"));
  }

  /// A failed trial begins anew: where it failed, going on would fail again.
  void again(std::int64_t number, const Claim& claim) {
    tell("again", {{"trial", number}, {"generation", claim.generation()}});
    state_.note_again(number, claim.generation());
  }

  // ---- Running: all ranks.

  void run_job(const Job& job, const Claim* claim) {
    if (job.ranks == group_.size()) {
      run_trial(job, claim, group_);
      return;
    }
    // A trial that wants fewer ranks than the group has.
    const auto part = group_.split(group_.rank() < job.ranks ? 0 : 1);
    if (group_.rank() < job.ranks) run_trial(job, claim, *part);
  }

  void run_trial(const Job& job, const Claim* claim, Communicator& ranks) {
    const Parameters parameters = runner_parameters(job.file);
    const RunFolder trial = folder_.trial(job.number);
    const Clock::time_point begin = Clock::now();
    if (leads_) {
      log_info(format("trial {}: {}", job.number, in_words(job.file.parameters)));
      tell("start", start_line(job, *claim));
      state_.note_started(job.number, claim->generation());
    }
    RunResult result;
    try {
      together(ranks, [&] { runner_.check(parameters, ranks); });
    } catch (const UsageError& problem) {
      // Every rank has seen it.
      if (leads_) end(job.number, {.state = "failed", .reason = problem.what()}, *claim);
      return;
    }
    try {
      result = runner_.run(parameters, trial, ranks, context_of(job, claim, begin));
    } catch (const Interrupted&) {
      throw;
    } catch (const StorageError&) {
      // A full disk fails every trial: this worker ends, and the trial goes on when there is room. A deleted trial is
      // its own.
      if (!leads_ || ranks.size() > 1) throw;
      try {
        claim->check();
      } catch (const ClaimLost& lost) {
        log_warning(lost.what());
        return;
      }
      throw;
    } catch (const ClaimLost& lost) {
      if (ranks.size() > 1) fail_together(lost.what(), ranks);
      log_warning(lost.what());
      return;
    } catch (const std::exception& problem) {
      // A trial fails alone. With several ranks the others may be waiting for this one: only ending all is safe then.
      result.state = "failed";
      result.reason = first_line(problem);
      if (ranks.size() > 1) {
        if (!leads_) {
          leave_reason(job, format("rank {}: {}", ranks.rank(), result.reason));
        } else if (!try_again(job.number, result, *claim)) {
          end(job.number, result, *claim);
        }
        fail_together(result.reason, ranks);
      }
    }
    if (!leads_) return;
    if (result.state == "pruned" && timed_out_) result.state = "failed";
    objectives_.settle(result, trial);
    if (result.state == "failed" && try_again(job.number, result, *claim)) return;
    end(job.number, result, *claim);
  }

  /// The failure of a rank that does not lead, whose leader cannot know it: it waits for this rank, and ends with it.
  /// Who takes the trial next judges it.
  void leave_reason(const Job& job, const std::string& reason) {
    const RunFolder run = folder_.trial(job.number);
    if (!Claim::is_newest(run.path(), job.generation)) return;
    try {
      leave_failure_of_rank(run, job.generation, reason);
    } catch (const StorageError& problem) {
      log_warning(problem.what());
    }
  }

  static Json start_line(const Job& job, const Claim& claim) {
    Json line{{"trial", job.number}, {"generation", claim.generation()}};
    if (job.file.seed) line.update({{"setting", job.file.setting}, {"seed", *job.file.seed}});
    if (job.file.parent) line["parent"] = *job.file.parent;
    if (job.file.asked_for) line["asked_for"] = true;
    line["parameters"] = Json::object();
    for (const auto& [key, value] : job.file.parameters) line["parameters"][key] = to_json(value);
    return line;
  }

  TrialContext context_of(const Job& job, const Claim* claim, Clock::time_point begin) {
    TrialContext context;
    context.number = job.number;
    context.before_write = [claim] {
      if (claim) claim->check();
    };
    timed_out_ = false;
    if (job.file.parent) context.parent = folder_.trial(*job.file.parent).path();
    if (!leads_) return context;
    // What it said before it was interrupted counts as well.
    const auto reports = std::make_shared<std::vector<Report>>(earlier_reports(folder_.trial(job.number)));
    context.report = [this, number = job.number, setting = job.file.setting, claim, begin,
                      reports](const Report& report) -> std::optional<std::string> {
      return on_report(number, setting, *claim, begin, *reports, report);
    };
    return context;
  }

  double resource_of(const Report& report, double seconds) const {
    if (spec_.prune.resource == "time") return seconds;
    const auto found = report.measures.find(spec_.prune.resource);
    return found == report.measures.end() ? report.at : found->second;
  }

  std::vector<Report> earlier_reports(const RunFolder& run) const {
    std::vector<Report> reports;
    if (spec_.prune.kind.empty()) return reports;
    for (const Json& record : read_json_lines(run.metrics())) {
      Report report;
      for (const auto& [name, value] : record.items()) {
        if (value.is_number() || value == "nan" || value == "inf" || value == "-inf")
          report.measures[name] = number_in(value);
      }
      report.at = record.contains("step") ? number_in(record["step"]) : 0;
      report.at = resource_of(report, record.contains("time") ? number_in(record["time"]) : 0);
      if (!reports.empty() && reports.back().at == report.at) {
        reports.back().measures.insert(report.measures.begin(), report.measures.end());
      } else {
        reports.push_back(std::move(report));
      }
    }
    return reports;
  }

  std::optional<std::string> on_report(std::int64_t number, std::int64_t setting, const Claim& claim,
                                       Clock::time_point begin, std::vector<Report>& reports, Report report) {
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    if (spec_.timeout_seconds() > 0 && seconds > spec_.timeout_seconds()) {
      timed_out_ = true;
      return format("timeout after {}", spec_.trial.timeout);
    }
    if (spec_.prune.kind.empty()) return std::nullopt;
    report.at = resource_of(report, seconds);
    const std::string& measure = objectives_.measures().front();
    if (report.measures.contains(measure)) {
      const double value = objectives_.values(report.measures).front();
      tell("report",
           {{"trial", number}, {"generation", claim.generation()}, {"at", report.at}, {"value", json_number(value)}});
      state_.note_report(number, claim.generation(), report.at, value);
    }
    reports.push_back(std::move(report));
    refresh();
    const Trial* known = state_.history().find(setting);
    if (!known) return std::nullopt;
    const SweepState::Known* own = state_.find(number);
    if (!own) return std::nullopt;  // deleted; the next look at the claim says so
    Trial trial = *known;
    trial.curve = own->curve;  // not that of another seed
    return pruner_.reason_to_end(trial, reports, state_.history());
  }

  // ---- Ending: the leader alone.

  /// Whether a failed trial gets another attempt; noted in its folder.
  bool try_again(std::int64_t number, const RunResult& result, const Claim& claim) {
    if (spec_.trial.retries == 0) return false;
    const RunFolder run = folder_.trial(number);
    const std::filesystem::path file = run.path() / "attempts.jsonl";
    try {
      claim.check();
      const auto failed_before = static_cast<std::int64_t>(read_json_lines(file).size());
      if (failed_before >= spec_.trial.retries) return false;
      JsonLinesWriter(file).write({{"reason", result.reason}, {"time", utc_time_text()}});
      log_warning(format("trial {} failed: {}; attempt {} of {} follows", number, result.reason, failed_before + 2,
                         spec_.trial.retries + 1));
      set_attempt_aside(run, claim.generation());
      again(number, claim);
      return true;
    } catch (const ClaimLost& lost) {
      log_warning(lost.what());
      return true;
    }
  }

  void end(std::int64_t number, const RunResult& result, const Claim& claim) {
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
    Json line{{"trial", number},
              {"generation", claim.generation()},
              {"state", result.state},
              {"steps", result.steps},
              {"seconds", result.seconds}};
    if (!result.reason.empty()) line["reason"] = result.reason;
    RunResult judged = result;
    judged.values = result.judged();
    Json values = Json::object();
    for (const auto& [name, value] : judged.values) values[name] = json_number(value);
    line["values"] = std::move(values);
    tell("end", line);
    state_.note_ended(number, claim.generation(), judged);
    ++report_.ran;
    report_.pruned += result.state == "pruned";
    if (result.state == "failed") {
      ++report_.failed;
      log_warning(format("trial {} failed: {}", number, result.reason));
      return;
    }
    std::string text;
    for (const std::string& measure : objectives_.measures()) {
      const auto found = judged.values.find(measure);
      if (found != judged.values.end()) text += format(", {} {:.4g}", measure, found->second);
    }
    log_info(
        format("trial {} {}{}{}", number, result.state, result.reason.empty() ? "" : " (" + result.reason + ")", text));
  }

  [[noreturn]] void fail_together(const std::string& why, Communicator& ranks) {
    log_warning(format("{}; the ranks of this launch end, start it again to go on", why));
    ranks.abort(1);
    throw Error(why);
  }

  void tell(const std::string& event, const Json& details) {
    if (!told_) {
      char host[256] = "";
      gethostname(host, sizeof host - 1);
      told_ = true;
      journal_.write("worker", {{"host", host}, {"pid", getpid()}, {"ranks", group_.size()}});
    }
    journal_.write(event, details);
  }

  void leave() {
    if (!leads_ || !told_) return;
    try {
      journal_.write("leave", Json::object());
    } catch (const StorageError& problem) {
      log_warning(problem.what());
    }
  }

  WorkerReport finish_report() {
    if (!leads_) return report_;
    state_.refresh(true);
    report_.ended =
        state_.count(TrialState::finished) + state_.count(TrialState::pruned) + state_.count(TrialState::failed);
    report_.open = static_cast<std::int64_t>(state_.open().size());
    const std::int64_t known = report_.ended + report_.open;
    const std::int64_t settings = spec_.trials > 0 ? spec_.trials : sampler_.limit();
    report_.total = planner_.exhausted() ? known : std::max(known, settings * spec_.trial.seeds + state_.asked_for());
    report_.too_wide = too_wide_;
    return report_;
  }

  const SweepFolder& folder_;
  const SweepSpec& spec_;
  const Pruner& pruner_;
  TrialRunner& runner_;
  Communicator& group_;
  const WorkOptions& options_;
  const bool leads_;
  const Sampler& sampler_;
  const Objectives objectives_;
  SweepState state_;
  Planner planner_;
  JournalWriter journal_;
  bool told_ = false;
  bool must_wait_ = false, timed_out_ = false;
  std::string interrupted_;
  std::int64_t held_ = 0, too_wide_ = 0;
  Clock::time_point last_look_{};
  std::map<std::int64_t, Clock::time_point> held_until_;
  WorkerReport report_;
};

}  // namespace

WorkerReport work(const SweepFolder& folder, const SweepSpec& spec, const SearchSpace& space, const Sampler& sampler,
                  const Pruner& pruner, TrialRunner& runner, Communicator& group, const WorkOptions& options) {
  return Worker(folder, spec, space, sampler, pruner, runner, group, options).run();
}

}  // namespace atelier
