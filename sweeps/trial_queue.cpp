#include "sweeps/trial_queue.h"

#include <algorithm>
#include <thread>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/storage/digest.h"
#include "sweeps/failed_attempts.h"

namespace atelier {
namespace {

/// Workers that may die on one trial before it counts as failed: some trials take their worker with them.
constexpr std::int64_t most_deaths = 10;

}  // namespace

TrialQueue::TrialQueue(const SweepFolder& folder, const SweepSpec& spec, const SearchSpace& space,
                       const Sampler& sampler, const Pruner& pruner, TrialRunner& runner, SweepState& state,
                       TrialLedger& ledger, Options options)
    : folder_(folder),
      spec_(spec),
      sampler_(sampler),
      pruner_(pruner),
      runner_(runner),
      state_(state),
      ledger_(ledger),
      options_(std::move(options)),
      seeds_(spec.trial.seeds),
      planner_(sampler, space, state, spec.trial.seeds, spec.seed) {}

Decision TrialQueue::next() {
  state_.refresh();
  for (const auto choose : {&TrialQueue::continue_pruned, &TrialQueue::take_open, &TrialQueue::begin_new}) {
    if (std::optional<TrialJob> job = (this->*choose)()) return {.kind = Decision::Kind::run, .job = std::move(*job)};
  }
  if (!must_wait_) return {.kind = Decision::Kind::leave};
  for (int i = 0; i < 20 && !StopSignal::requested(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  return {.kind = Decision::Kind::wait};
}

void TrialQueue::require_same_data() {
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
               "cannot be compared; choose another --out, or put the data back",
               folder_.path().string(), number));
  }
}

void TrialQueue::retry_failed() {
  std::int64_t count = 0;
  for (std::int64_t number = 0; number < state_.next_number(); ++number) {
    const SweepState::Known* known = state_.find(number);
    if (!known || known->state != TrialState::failed || !wanted(number)) continue;
    const std::shared_ptr<Claim> claim = take(number);
    const RunFolder run = folder_.trial(number);
    if (!claim) continue;
    if (!finish_setting_aside(run)) {
      if (!std::filesystem::exists(run.result())) continue;  // another group was first
      set_attempt_aside(run, claim->generation());
    }
    std::error_code ignored;
    std::filesystem::remove(run.attempts(), ignored);
    ledger_.open_again(number, *claim);
    ++count;
  }
  log_info(format("{} failed trial{} will be run again", count, count == 1 ? "" : "s"));
}

std::int64_t TrialQueue::total() const {
  const std::int64_t known = state_.ended() + static_cast<std::int64_t>(state_.open().size());
  const std::int64_t settings = spec_.trials > 0 ? spec_.trials : sampler_.limit();
  return planner_.exhausted() ? known : std::max(known, settings * seeds_ + state_.enqueued());
}

bool TrialQueue::wanted(std::int64_t number) const {
  return options_.only.empty() || std::find(options_.only.begin(), options_.only.end(), number) != options_.only.end();
}

/// A claim, unless somebody alive has it; who holds a trial now is not asked again for a while.
std::shared_ptr<Claim> TrialQueue::take(std::int64_t number) {
  const auto found = held_until_.find(number);
  if (found != held_until_.end() && Clock::now() < found->second) return nullptr;
  std::shared_ptr<Claim> claim;
  try {
    claim = Claim::take(folder_.trial(number).path(), {.lease = options_.lease});
  } catch (const StorageError& problem) {
    if (!problem.gone()) throw;
    state_.look_soon();  // deleted: the next look at the folder tells what that means
    return nullptr;
  }
  if (claim) {
    held_until_.erase(number);
  } else {
    held_until_[number] = Clock::now() + std::min<Clock::duration>(options_.lease / 8, std::chrono::seconds(1));
  }
  return claim;
}

bool TrialQueue::fits(const TrialFile& file) const { return ranks_of(file) <= options_.ranks; }

TrialJob TrialQueue::job(const TrialFile& file, std::shared_ptr<Claim> claim) {
  const std::int64_t ranks = ranks_of(file), generation = claim->generation();
  const bool prepared = prepared_ && prepared_parameters_ == run_parameters(file);
  return {.file = file,
          .ranks = ranks == 0 ? options_.ranks : ranks,
          .generation = generation,
          .claim = std::move(claim),
          .trial = prepared ? prepared_ : nullptr};
}

std::optional<TrialJob> TrialQueue::continue_pruned() {
  const std::optional<std::int64_t> setting = pruner_.to_continue(state_.history());
  if (!setting) return std::nullopt;
  for (std::int64_t number = *setting * seeds_; number < (*setting + 1) * seeds_; ++number) {
    const SweepState::Known* known = state_.find(number);
    if (!known || known->state != TrialState::pruned || !wanted(number) || !fits(known->file)) continue;
    std::shared_ptr<Claim> claim = take(number);
    if (!claim) continue;
    const RunFolder run = folder_.trial(number);
    const std::optional<RunResult> result = run.read_result();
    if (result && result->state != TrialState::pruned) continue;  // somebody else continued it meanwhile
    if (result) std::filesystem::rename(run.result(), run.path() / format("pruned-{:08}.toml", result->steps));
    log_info(format("trial {} goes on: it is among the best of its rung", number));
    return job(known->file, std::move(claim));
  }
  return std::nullopt;
}

/// Trials that were begun and have not ended: their workers died or gave them back; or that a person enqueued.
std::optional<TrialJob> TrialQueue::take_open() {
  held_ = too_wide_ = 0;
  const std::vector<std::int64_t> open(state_.open().begin(), state_.open().end());
  for (const std::int64_t number : open) {
    const SweepState::Known* known = state_.find(number);
    if (!known || !wanted(number)) continue;
    if (!fits(known->file)) {
      ++too_wide_;
      continue;
    }
    std::shared_ptr<Claim> claim = take(number);
    if (!claim) {
      ++held_;
      continue;
    }
    const RunFolder run = folder_.trial(number);
    finish_setting_aside(run);
    // Between the look and the claim another worker may have ended it.
    if (const std::optional<RunResult> result = read_result(run)) {
      note_ended(number, *result);
    } else if (const std::optional<RunResult> failure = failure_left_by_rank(run)) {
      ledger_.fail(number, *failure, *claim);
    } else if (const std::int64_t deaths = claim->deaths(newest_failure(run)); deaths >= most_deaths) {
      ledger_.end(number, {.state = TrialState::failed, .reason = format("{} workers died while they ran it", deaths)},
                  *claim);
    } else {
      return job(known->file, std::move(claim));
    }
  }
  return std::nullopt;
}

/// None for a file that a crash of the machine has emptied.
std::optional<RunResult> TrialQueue::read_result(const RunFolder& run) const {
  try {
    return run.read_result();
  } catch (const UsageError&) {
    std::error_code ignored;
    std::filesystem::remove(run.result(), ignored);
    return std::nullopt;
  }
}

void TrialQueue::note_ended(std::int64_t number, const RunResult& result) {
  RunResult judged = result;
  judged.values = result.judged();
  if (const SweepState::Known* known = state_.find(number))
    state_.note(TrialEnded{.trial = number, .generation = known->generation, .result = judged});
}

std::optional<TrialJob> TrialQueue::begin_new() {
  must_wait_ = false;
  for (std::int64_t number = state_.first_unknown();; ++number) {
    if (state_.find(number)) continue;
    if (spec_.trials > 0 && number >= spec_.trials * seeds_ + state_.enqueued()) return std::nullopt;
    if (!wanted(number)) {
      if (number > *std::max_element(options_.only.begin(), options_.only.end())) return std::nullopt;
      continue;
    }
    const std::int64_t setting = number / seeds_;
    std::optional<TrialFile> file = choose(setting);
    if (!file) {
      // Others must end before more can be chosen; without others it never will be.
      must_wait_ = !planner_.exhausted() && held_ > 0;
      return std::nullopt;
    }
    file->setting = setting;
    // Samplers count settings; each seed goes on from its own.
    if (file->parent) file->parent = *file->parent * seeds_ + number % seeds_;
    if (!fits(*file)) {
      ++too_wide_;
      continue;
    }
    make_folder(number);
    std::shared_ptr<Claim> claim = take(number);
    if (!claim) {
      ++held_;
      continue;
    }
    if (std::optional<TrialJob> job = begin(number, *file, std::move(claim))) return job;
    state_.refresh();
  }
}

/// What a setting is, `parent` being a setting too; none when nothing can be chosen. With several seeds, whoever begins
/// any of them fixes it for all.
std::optional<TrialFile> TrialQueue::choose(std::int64_t setting) {
  for (std::int64_t k = 0; seeds_ > 1 && k < seeds_; ++k) {
    const SweepState::Known* known = state_.find(setting * seeds_ + k);
    if (!known || known->file.parameters.empty()) continue;
    TrialFile file = known->file;
    if (file.parent) file.parent = *file.parent / seeds_;
    return file;
  }
  if (seeds_ > 1) {
    if (const std::optional<TrialFile> fixed = folder_.read_setting(setting)) return fixed;
  }
  std::optional<Suggestion> suggestion = planner_.choose(setting);
  for (std::int64_t attempt = 1; suggestion; ++attempt) {
    const TrialFile file{.parameters = suggestion->parameters,
                         .setting = setting,
                         .parent = suggestion->parent,
                         .learned = sampler_.learns()};
    if (seeds_ == 1) return file;
    TrialFile first = file;
    first.seed = runner_.first_seed();
    if (first.parent) first.parent = *first.parent * seeds_;
    // An identity belongs to a trial that has a folder.
    make_folder(setting * seeds_);
    if (is_new(first, setting * seeds_)) return folder_.fix_setting(setting, file);
    suggestion = planner_.choose_another(setting, attempt, file.parameters);
  }
  return std::nullopt;
}

/// Whether this trial is the first with its identity. Only samplers that learn choose the same twice.
bool TrialQueue::is_new(const TrialFile& file, std::int64_t number) {
  if (!sampler_.learns() || file.parent) return true;
  try {
    return folder_.register_identity(hex(digest(identity(file))), number) == number;
  } catch (const UsageError&) {
    return true;  // parameters that do not fit together: the trial will fail
  }
}

/// Writes down what a new trial is; none when it ended with that, or nothing new was left.
std::optional<TrialJob> TrialQueue::begin(std::int64_t number, TrialFile file, std::shared_ptr<Claim> claim) {
  if (const std::optional<TrialFile> there = folder_.read_trial(number)) {
    // Somebody began it and left.
    finish_setting_aside(folder_.trial(number));
    state_.note_trial(number, *there);
    if (const std::optional<RunResult> result = read_result(folder_.trial(number))) {
      note_ended(number, *result);
      return std::nullopt;
    }
    return job(*there, std::move(claim));
  }
  if (seeds_ > 1) file.seed = runner_.first_seed() + number % seeds_;
  // Another worker may have chosen the same at this moment.
  for (std::int64_t attempt = 1; seeds_ == 1 && !is_new(file, number); ++attempt) {
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
  if (problem.empty()) return job(file, std::move(claim));
  ledger_.end(number, {.state = TrialState::failed, .reason = problem}, *claim);
  return std::nullopt;
}

std::string TrialQueue::identity(const TrialFile& file) {
  std::string text = prepare(file).identity();
  if (file.parent) text += format("parent = {}\n", *file.parent);
  return text;
}

/// Reads a trial's parameters, unless they were the last that were read. Throws `UsageError`.
PreparedTrial& TrialQueue::prepare(const TrialFile& file) {
  Parameters parameters = run_parameters(file);
  if (!prepared_ || prepared_parameters_ != parameters) {
    prepared_ = runner_.prepare(parameters);
    prepared_parameters_ = std::move(parameters);
  }
  return *prepared_;
}

void TrialQueue::make_folder(std::int64_t number) const {
  const std::filesystem::path folder = folder_.trial(number).path();
  std::error_code problem;
  if (std::filesystem::create_directory(folder, problem) || !problem) return;
  // The sweep's folder was deleted, or the disk is full.
  throw StorageError(format("cannot create {}: {}", folder.string(), problem.message()));
}

}  // namespace atelier
