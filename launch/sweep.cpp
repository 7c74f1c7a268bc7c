#include <CLI/CLI.hpp>
#include <condition_variable>
#include <filesystem>
#include <iostream>
#include <memory>
#include <mutex>
#include <thread>

#include "framework/core/duration.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/core/suggestion.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"
#include "framework/storage/digest.h"
#include "launch/experiment_trials.h"
#include "launch/program.h"
#include "launch/verbs.h"
#include "sweeps/command_trials.h"
#include "sweeps/objectives.h"
#include "sweeps/planner.h"
#include "sweeps/worker.h"

namespace atelier {
namespace {

struct SweepArguments {
  std::filesystem::path spec, out;
  std::vector<std::string> set, enqueue;
  std::vector<std::int64_t> groups, only;
  std::int64_t ranks_per_trial = 0;
  std::string time_limit, lease = "60s";
  bool dry_run = false, retry_failed = false;
};

/// A sweep's file, read and checked, with what its trials are made of.
struct Sweep {
  SweepSpec spec;
  SearchSpace space;
  Document base;  ///< The experiment that all trials start from.
  ExperimentSpec experiment;
  std::string experiment_text;  ///< The same, complete; empty for a command.
  std::int64_t ranks = 1;       ///< That work on one trial together, in this launch.

  std::int64_t first_seed() const { return spec.command.empty() ? experiment.seed : 0; }
};

/// The experiment that all trials start from: the file, then the sweep's [set], then --set.
Document base_experiment(SweepSpec& sweep, const Document& document, const std::vector<Document::Entry>& fixed,
                         const SweepArguments& arguments) {
  sweep.fields().require_paths(document, "");
  Document base = Document::from_file(std::filesystem::relative(sweep.experiment));
  for (const Document::Entry& entry : fixed) base.set(entry.key(), entry.value, entry.where);
  for (const std::string& assignment : arguments.set) base.set(assignment);
  return base;
}

Location place(const Document& document, std::string_view key) {
  const Document::Entry* entry = document.find(key);
  return entry ? entry->where : Location{document.name(), {}};
}

/// Trials are compared by what is measured, so it must be measured alike. Throws `UsageError`.
void check_measures(const Dimension& dimension, const PhotoToAnimeSpec& spec) {
  const auto refuse = [&](std::string_view remedy) {
    return spec_error(dimension.where,
                      format("{} is varied, so trials would be measured in different ways and not compare; {}",
                             dimension.key, remedy));
  };
  const EvaluateSpec& evaluate = spec.evaluate;
  if (dimension.key.starts_with("evaluate.")) throw refuse("make two sweeps");
  if (dimension.key == "data.crop" && evaluate.crop == 0) throw refuse("fix evaluate.crop, for instance in [set]");
  if (dimension.key == "features.network" && (evaluate.network == "same" || evaluate.weights.empty())) {
    throw refuse("fix evaluate.network and evaluate.weights, for instance in [set]");
  }
  if (dimension.key == "features.weights" && evaluate.weights.empty())
    throw refuse("fix evaluate.weights, for instance in [set]");
}

/// What sweep and experiment must agree about. Throws `UsageError`.
void check_together(const Sweep& sweep, const Document& document, const std::vector<Document::Entry>& fixed,
                    const std::vector<std::string>& set) {
  const std::vector<std::string_view> measures = sweep.experiment.measures();
  const auto require = [&](const char* key, const std::string& text, const std::string& name) {
    if (std::find(measures.begin(), measures.end(), name) != measures.end()) return;
    throw spec_error(place(document, key),
                     format("{} = \"{}\": there is no such measure; there are {}", key, text, quoted_list(measures)));
  };
  for (const std::string& name : sweep.spec.minimize) require("minimize", name, name);
  for (const std::string& name : sweep.spec.maximize) require("maximize", name, name);
  for (const std::string& text : sweep.spec.constraints) require("constraints", text, Constraint::parse(text)->measure);
  for (const Dimension& dimension : sweep.space.dimensions()) {
    const auto refuse = [&](const Location& where) {
      return spec_error(where, format("{} is varied by [space] and cannot be fixed as well", dimension.key));
    };
    for (const Document::Entry& entry : fixed) {
      if (entry.key() == dimension.key) throw refuse(entry.where);
    }
    for (const std::string& assignment : set) {
      if (assignment.starts_with(dimension.key + "=")) throw refuse({"--set " + assignment, {}});
    }
    if (dimension.key == "seed" && sweep.spec.trial.seeds > 1) {
      throw spec_error(dimension.where, "seed is varied by trial.seeds already");
    }
    if (dimension.key == "train.device") {
      throw spec_error(dimension.where, "train.device cannot be varied: a job computes on one device; make two sweeps");
    }
    if (sweep.experiment.kind == "photo-to-anime") check_measures(dimension, sweep.experiment.photo_to_anime);
  }
  if (!sweep.spec.prune.kind.empty() && sweep.experiment.kind == "photo-to-anime") {
    const auto& record = sweep.experiment.photo_to_anime.record;
    const std::string& first = sweep.spec.minimize.empty() ? sweep.spec.maximize.front() : sweep.spec.minimize.front();
    if (first.starts_with("eval.") && record.evaluate_every == 0) {
      throw spec_error(
          place(document, "prune.kind"),
          format("pruning judges {} on the way, but record.evaluate_every is 0: set it, for instance in [set]", first));
    }
  }
}

/// Throws `UsageError` unless every value is a number of ranks.
void check_ranks(const Dimension& dimension) {
  if (dimension.key != ranks_key) return;
  const auto refuse = [&] {
    return spec_error(dimension.where, format("{} must be whole numbers of 1 or more", ranks_key));
  };
  for (const Value& value : dimension.choices) {
    const auto* whole = std::get_if<std::int64_t>(&value.data);
    if (!whole || *whole < 1) throw refuse();
  }
  if (dimension.ordered() && (dimension.real || dimension.low < 1)) throw refuse();
}

/// Throws `UsageError` for all that can be wrong in the file.
Sweep read_sweep_file(const SweepArguments& arguments) {
  Document document = Document::from_file(arguments.spec);
  const std::vector<Document::Entry> ranges = document.take("space"), fixed = document.take("set"),
                                     environment = document.take("environment");
  Sweep sweep;
  sweep.spec = SweepSpec::from(document);
  sweep.ranks = arguments.ranks_per_trial > 0 ? arguments.ranks_per_trial : sweep.spec.trial.ranks;
  if (ranges.empty()) throw UsageError(document.name() + ": [space] is empty; name at least one key to vary");
  if (!sweep.spec.command.empty()) {
    if (!fixed.empty())
      throw spec_error(fixed.front().where, "[set] changes an experiment, and this sweep runs a command");
    if (!arguments.set.empty()) throw UsageError("--set changes an experiment, and this sweep runs a command");
    for (const Document::Entry& entry : environment) {
      if (!entry.value.is_text())
        throw spec_error(entry.where,
                         format("environment.{} = {}: expected a string", entry.key(), to_toml(entry.value)));
      sweep.spec.environment[entry.key()] = entry.value.text();
    }
    sweep.space = SearchSpace::from(ranges, CommandTrials::placeholders(sweep.spec.command));
    for (const Dimension& dimension : sweep.space.dimensions()) {
      check_ranks(dimension);
      if (dimension.key == "seed" && sweep.spec.trial.seeds > 1)
        throw spec_error(dimension.where, "seed is varied by trial.seeds already");
    }
    return sweep;
  }
  if (!environment.empty())
    throw spec_error(environment.front().where, "[environment] is for a command, and this sweep runs an experiment");
  sweep.base = base_experiment(sweep.spec, document, fixed, arguments);
  sweep.experiment = ExperimentSpec::from(sweep.base);
  sweep.experiment_text = sweep.experiment.fields().to_toml();
  ExperimentSpec scratch = sweep.experiment;  // the check of the ranges tries values in it
  Fields keys = scratch.fields();
  std::int64_t ranks = 1;
  keys.begin("trial");
  keys.integer("ranks", ranks, {1, 1'000'000}, "ranks that work on one trial together");
  keys.end();
  sweep.space = SearchSpace::from(ranges, keys);
  check_together(sweep, document, fixed, arguments.set);
  sweep.experiment.fields().require_paths(sweep.base, "random");
  return sweep;
}

/// What runs the trials.
std::unique_ptr<TrialRunner> make_runner(const Sweep& sweep, const SweepArguments& arguments,
                                         const ExperimentPrograms& programs, double lease) {
  if (sweep.spec.command.empty()) return std::make_unique<ExperimentTrials>(sweep.base, programs, command_line_text());
  CommandSpec command{.command = sweep.spec.command,
                      .environment = sweep.spec.environment,
                      .timeout = sweep.spec.timeout_seconds(),
                      .grace = sweep.spec.grace_seconds(),
                      .silence = std::chrono::milliseconds(static_cast<std::int64_t>(lease * 1000 / 3))};
  std::vector<std::string> names;
  for (const Dimension& dimension : sweep.space.dimensions()) names.push_back(dimension.key);
  try {
    return std::make_unique<CommandTrials>(std::move(command), names);
  } catch (const UsageError& problem) {
    throw UsageError(format("{}: {}", arguments.spec.string(), problem.what()));
  }
}

/// Which group each rank belongs to. Throws `UsageError`.
int group_of(int rank, int ranks, std::int64_t ranks_per_trial, const SweepArguments& arguments) {
  if (arguments.groups.empty()) {
    if (ranks % ranks_per_trial != 0) {
      throw UsageError(format(
          "{} ranks cannot be shared out in groups of {}; start a multiple of {}, or choose another --ranks-per-trial",
          ranks, ranks_per_trial, ranks_per_trial));
    }
    return static_cast<int>(rank / ranks_per_trial);
  }
  std::int64_t sum = 0;
  for (const std::int64_t size : arguments.groups) sum += size;
  if (sum != ranks) throw UsageError(format("--groups: the groups make {} ranks, but {} were started", sum, ranks));
  int group = 0;
  for (std::int64_t end = arguments.groups[0]; rank >= end; end += arguments.groups[static_cast<std::size_t>(group)])
    ++group;
  return group;
}

/// Asks to stop when the time is over.
class TimeLimit {
 public:
  explicit TimeLimit(double seconds) {
    if (seconds <= 0) return;
    thread_ = std::thread([this, seconds] {
      std::unique_lock lock(mutex_);
      if (ended_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return end_; })) return;
      log_info("the time limit is reached");
      StopSignal::request();
    });
  }
  ~TimeLimit() {
    {
      const std::lock_guard lock(mutex_);
      end_ = true;
    }
    ended_.notify_all();
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::mutex mutex_;
  std::condition_variable ended_;
  bool end_ = false;
  std::thread thread_;
};

/// What would run, and how long it would take; makes nothing.
void print_plan(const Sweep& sweep, const Sampler& sampler, const std::filesystem::path& out, std::int64_t workers) {
  const SweepSpec& spec = sweep.spec;
  const Objectives objectives(spec);
  const SweepFolder folder = SweepFolder::look(out);
  SweepState state(folder, objectives, spec.trial.seeds);
  state.refresh(true);
  Planner planner(sampler, sweep.space, state, spec.trial.seeds, spec.seed);
  const std::int64_t settings = spec.trials > 0 ? spec.trials : sampler.limit();
  std::int64_t left = 0;
  for (const std::int64_t number : state.open()) {
    std::cout << format("trial {}: {} ({})\n", number, in_words(state.find(number)->file.parameters),
                        to_text(state.find(number)->state));
    ++left;
  }
  for (std::int64_t number = state.first_unknown(); number < settings * spec.trial.seeds + state.asked_for();
       ++number) {
    if (state.find(number)) continue;
    const std::int64_t setting = number / spec.trial.seeds;
    if (sampler.learns()) {
      ++left;
      continue;
    }
    const std::optional<Suggestion> suggestion = planner.choose(setting);
    if (!suggestion) break;
    const std::string seed =
        spec.trial.seeds > 1 ? format(", seed {}", sweep.first_seed() + number % spec.trial.seeds) : "";
    std::cout << format("trial {}: {}{}\n", number, in_words(suggestion->parameters), seed);
    ++left;
  }
  if (sampler.learns())
    std::cout << format("{} more trials, chosen by {} as the sweep goes\n",
                        left - static_cast<std::int64_t>(state.open().size()), spec.sampler);
  std::cout << format(
      "{} trial{} would run, {} have ended", left, left == 1 ? "" : "s",
      state.count(TrialState::finished) + state.count(TrialState::pruned) + state.count(TrialState::failed));
  if (state.mean_seconds() > 0) {
    std::cout << format("; at {} each, {} at a time, they take {}", duration_text(state.mean_seconds()), workers,
                        duration_text(state.mean_seconds() * static_cast<double>(left) / static_cast<double>(workers)));
  } else {
    std::cout << "; none has ended, so nothing is known about their time";
  }
  std::cout << std::endl;
}

/// Adds a trial that a person wants: the space's parameters, each given as KEY=VALUE.
void enqueue(const Sweep& sweep, const SweepFolder& folder, TrialRunner& runner,
             const std::vector<std::string>& assignments) {
  Document given = Document::from_text("", "--enqueue", std::filesystem::current_path());
  for (const std::string& assignment : assignments) given.set(assignment);
  Parameters parameters;
  for (const Dimension& dimension : sweep.space.dimensions()) {
    const Document::Entry* entry = given.find(dimension.key);
    if (!sweep.space.active(dimension, parameters)) {
      if (entry)
        throw UsageError(format("--enqueue: {} does not count here: its condition does not hold", dimension.key));
      continue;
    }
    if (!entry)
      throw UsageError(format("--enqueue: {} is missing; give every parameter of [space] as KEY=VALUE", dimension.key));
    if (dimension.key == ranks_key) {
      const auto* whole = std::get_if<std::int64_t>(&entry->value.data);
      if (!whole || *whole < 1)
        throw UsageError(
            format("--enqueue: {} = {}: expected a whole number of 1 or more", ranks_key, to_toml(entry->value)));
    }
    parameters.emplace_back(dimension.key, entry->value);
  }
  for (const Document::Entry& entry : given.entries()) {
    const auto& dimensions = sweep.space.dimensions();
    if (std::none_of(dimensions.begin(), dimensions.end(), [&](const Dimension& d) { return d.key == entry.key(); })) {
      throw UsageError(format("--enqueue: {} is not varied by [space]", entry.key()));
    }
  }
  const auto identity = [&](std::optional<std::int64_t> seed) {
    Parameters all = without_ranks(parameters);
    if (seed) all.emplace_back("seed", *seed);
    return hex(digest(runner.identity(all)));
  };
  identity(std::nullopt);  // a value that the experiment does not take is said now
  const Objectives objectives(sweep.spec);
  SweepState state(folder, objectives, sweep.spec.trial.seeds);
  state.refresh(true);
  if (const auto setting = state.setting_with(parameters)) {
    log_info(format("trial {} has these parameters already", *setting * sweep.spec.trial.seeds));
    return;
  }
  const std::int64_t seeds = sweep.spec.trial.seeds;
  for (std::int64_t setting = (state.next_number() + seeds - 1) / seeds;; ++setting) {
    // A claim keeps workers from choosing for this number at the same moment.
    make_folder(folder.trial(setting * seeds).path());
    const std::unique_ptr<Claim> claim = Claim::take(folder.trial(setting * seeds).path());
    if (!claim || folder.read_trial(setting * seeds)) continue;
    const TrialFile wanted{
        .identity = {}, .parameters = parameters, .setting = setting, .seed = {}, .parent = {}, .asked_for = true};
    // A worker may be about to begin another seed of it.
    if (seeds > 1 && parameters_text(folder.fix_setting(setting, wanted).parameters) != parameters_text(parameters))
      continue;
    for (std::int64_t k = 0; k < seeds; ++k) {
      TrialFile file = wanted;
      if (seeds > 1) file.seed = runner.first_seed() + k;
      file.identity = identity(file.seed);
      folder.create_trial(setting * seeds + k, file);
    }
    log_info(format("trial {} waits to be run: {}", setting * seeds, in_words(parameters)));
    return;
  }
}

/// What a worker left when nothing was left to do for it.
std::string rest_in_words(const WorkerReport& report) {
  std::string text;
  const std::int64_t begun = report.ended + report.open,
                     held = std::max<std::int64_t>(0, report.open - report.too_wide);
  if (held > 0)
    text += format("; {} {} held by others: the same command again takes over what they leave", held,
                   held == 1 ? "is" : "are");
  if (report.total > begun) text += format("; {} not begun", report.total - begun);
  return text;
}

void run_sweep(const SweepArguments& arguments, const ExperimentPrograms& programs) {
  const std::optional<double> limit =
      arguments.time_limit.empty() ? std::optional(0.0) : parse_duration(arguments.time_limit);
  if (!limit)
    throw UsageError(format("--time-limit {}: expected a duration, for instance 30m or 4h", arguments.time_limit));
  const std::optional<double> lease = parse_duration(arguments.lease);
  if (!lease || *lease < 0.1)
    throw UsageError(format("--lease {}: expected a duration of at least 100ms, for instance 60s", arguments.lease));
  Sweep sweep = read_sweep_file(arguments);
  const SweepSpec& spec = sweep.spec;
  const auto sampler =
      make_sampler(spec.sampler, sweep.space,
                   {.seed = spec.seed,
                    .trials = spec.trials,
                    .objectives = static_cast<std::int64_t>(spec.minimize.size() + spec.maximize.size()),
                    .grid_points = spec.grid_points,
                    .population = spec.population});
  const auto pruner = make_pruners(spec.prune.kind, {.min = spec.prune.min,
                                                     .max = spec.prune.max,
                                                     .factor = spec.prune.factor,
                                                     .startup = spec.prune.startup,
                                                     .patience = spec.prune.patience,
                                                     .limit = spec.prune.limit});
  const std::filesystem::path out = arguments.out.empty() ? std::filesystem::path("runs") / spec.name : arguments.out;
  if (arguments.dry_run) {
    const auto world = make_world_communicator();
    const std::int64_t groups =
        arguments.groups.empty() ? world->size() / sweep.ranks : static_cast<std::int64_t>(arguments.groups.size());
    on_first_rank(*world, [&] { print_plan(sweep, *sampler, out, std::max<std::int64_t>(1, groups)); });
    return;
  }
  const bool command = !spec.command.empty();
  if (!command && !programs.can_run(sweep.experiment)) hand_over();
  const std::unique_ptr<TrialRunner> runner = make_runner(sweep, arguments, programs, *lease);

  const StopSignal stop;
  const auto world = make_world_communicator();
  set_log_rank(world->rank());
  const auto group = world->split(group_of(world->rank(), world->size(), sweep.ranks, arguments));
  if (!command && programs.check && sweep.experiment.kind != "function")
    together(*world, [&] { programs.check(sweep.experiment, *group); });

  std::unique_ptr<SweepFolder> folder;
  on_first_rank(*world, [&] { folder = std::make_unique<SweepFolder>(out, spec, sweep.space, sweep.experiment_text); });
  if (!folder) folder = std::make_unique<SweepFolder>(SweepFolder::look(out));
  if (!arguments.enqueue.empty()) {
    on_first_rank(*world, [&] { enqueue(sweep, *folder, *runner, arguments.enqueue); });
    return;
  }
  log_info(format(
      "sweep {} in {}: {}, sampler {}, {} at a time", spec.name, out.string(),
      spec.trials > 0 ? format("{} trials", spec.trials * spec.trial.seeds) : "all of the grid", spec.sampler,
      arguments.groups.empty() ? world->size() / sweep.ranks : static_cast<std::int64_t>(arguments.groups.size())));

  const TimeLimit time_limit(*limit);
  const WorkerReport report = work(*folder, spec, sweep.space, *sampler, *pruner, *runner, *group,
                                   {.only = arguments.only,
                                    .retry_failed = arguments.retry_failed,
                                    .lease = std::chrono::milliseconds(static_cast<std::int64_t>(*lease * 1000))});
  // Nothing collective from here on: other groups may still work, or have been stopped.
  if (group->rank() != 0) return;
  log_info(format("{} of {} trials have ended ({} ran in this group, {} of them failed, {} pruned){}", report.ended,
                  report.total, report.ran, report.failed, report.pruned, rest_in_words(report)));
  for (const std::int64_t number : arguments.only) {
    if (!std::filesystem::exists(folder->trial(number).path())) log_warning(format("there is no trial {}", number));
  }
  if (report.too_wide > 0)
    log_warning(format("{} trials need more ranks than this group's {}", report.too_wide, group->size()));
  log_info(format("see them: atelier report {}", out.string()));
  if (report.ran > 0 && report.failed == report.ran)
    throw Error(format("every trial that ran failed; see atelier status {}", out.string()));
}

}  // namespace

void add_sweep(CLI::App& program, const ExperimentPrograms& programs) {
  const auto arguments = std::make_shared<SweepArguments>();
  CLI::App* verb =
      program.add_subcommand("sweep", "Runs the trials of a sweep, with any other jobs that do; again goes on");
  verb->add_option("SWEEP.toml", arguments->spec, "The sweep")->required();
  verb->add_option("--set", arguments->set, "Changes one key of the experiment for all trials; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  verb->add_option("--out", arguments->out, "The sweep's folder (default: runs/NAME)");
  auto* same = verb->add_option("--ranks-per-trial", arguments->ranks_per_trial,
                                "Ranks that work on one trial together (default: the spec's)")
                   ->check(CLI::PositiveNumber);
  verb->add_option("--groups", arguments->groups,
                   "Groups of different sizes instead, for instance 4,2,1,1; a trial takes one that fits")
      ->delimiter(',')
      ->check(CLI::PositiveNumber)
      ->excludes(same);
  verb->add_option("--time-limit", arguments->time_limit, "Saves and leaves after this time, for instance 4h");
  verb->add_option("--only", arguments->only, "Works on these trials alone, for instance 12,13")
      ->delimiter(',')
      ->check(CLI::NonNegativeNumber);
  verb->add_flag("--retry-failed", arguments->retry_failed, "Runs the failed trials again");
  verb->add_option("--enqueue", arguments->enqueue,
                   "Adds a trial that you want, with a value for each parameter, and ends")
      ->type_name("KEY=VALUE")
      ->expected(1, 1000);
  verb->add_flag("--dry-run", arguments->dry_run, "Lists what would run and how long it would take, and makes nothing");
  verb->add_option("--lease", arguments->lease, "A trial whose worker gives no sign of life for so long is taken over")
      ->capture_default_str();
  verb->footer(
      "Start it as often as you like, on any hosts that see the folder: each trial runs once.\n"
      "Example:\n  mpirun -n 2 atelier sweep sweeps/loss-weights.toml\n"
      "  mpirun -n 8 atelier sweep sweeps/architectures.toml --ranks-per-trial 2 --out runs/architectures");
  verb->callback([arguments, programs] { run_sweep(*arguments, programs); });
}

}  // namespace atelier
