#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "experiments/trials.h"
#include "framework/core/duration.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/core/suggestion.h"
#include "framework/core/time_limit.h"
#include "framework/distributed/first_rank.h"
#include "framework/distributed/local_job.h"
#include "launch/local_jobs.h"
#include "launch/program.h"
#include "launch/verbs.h"
#include "sweeps/command_trials.h"
#include "sweeps/enqueue.h"
#include "sweeps/forecast.h"
#include "sweeps/objectives.h"
#include "sweeps/open_sweep.h"
#include "sweeps/worker.h"

namespace atelier {
namespace {

struct SweepArguments {
  std::filesystem::path spec, out;
  std::vector<std::string> set, enqueue;
  std::vector<std::int64_t> groups, only;
  std::int64_t ranks_per_trial = 0;
  int jobs = 1;
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
  sweep.fields().require_paths(document);
  Document base = Document::from_file(std::filesystem::relative(sweep.experiment));
  for (const Document::Entry& entry : fixed) base.set(entry.key(), entry.value, entry.where);
  for (const std::string& assignment : arguments.set) base.set(assignment);
  return base;
}

/// What sweep and experiment must agree about. Throws `UsageError`.
void check_together(const Sweep& sweep, const Fields& keys, const Document& document,
                    const std::vector<Document::Entry>& fixed, const std::vector<std::string>& set) {
  const Measures known = sweep.experiment.own->measures();
  const std::vector<std::string_view> measures = known.results();
  const auto require = [&](const char* key, const std::string& text, const std::string& name) {
    if (std::find(measures.begin(), measures.end(), name) != measures.end()) return;
    throw spec_error(document.place_of(key),
                     format("{} = \"{}\": there is no such measure; there are {}", key, text, quoted_list(measures)));
  };
  for (const std::string& name : sweep.spec.minimize) require("minimize", name, name);
  for (const std::string& name : sweep.spec.maximize) require("maximize", name, name);
  for (const std::string& text : sweep.spec.constraints) require("constraints", text, Constraint::from(text)->metric);
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
    const Field* field = keys.find(dimension.key);
    if (field && !field->fixed.empty()) throw spec_error(dimension.where, dimension.key + " " + field->fixed);
  }
  if (sweep.spec.prune.kind.empty()) return;
  const Field* evaluate_every = keys.find("record.evaluate_every");
  const std::string& first = sweep.spec.minimize.empty() ? sweep.spec.maximize.front() : sweep.spec.minimize.front();
  if (first.starts_with("eval.") && evaluate_every && evaluate_every->value() == 0) {
    throw spec_error(
        document.place_of("prune.kind"),
        format("pruning judges {} on the way, but record.evaluate_every is 0: set it, for instance in [set]", first));
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
Sweep read_sweep_file(const SweepArguments& arguments, const Kinds& kinds) {
  Document document = Document::from_file(arguments.spec);
  const std::vector<Document::Entry> ranges = document.take("space"), fixed = document.take("set"),
                                     environment = document.take("environment");
  Sweep sweep;
  sweep.spec = SweepSpec::from(document, pruner_presets(kinds));
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
  sweep.experiment = ExperimentSpec::from(sweep.base, kinds);
  sweep.experiment_text = sweep.experiment.fields().to_toml();
  ExperimentSpec scratch = sweep.experiment;  // the check of the ranges tries values in it
  Fields keys = scratch.fields();
  std::int64_t ranks = 1;
  keys.begin("trial");
  keys.integer("ranks", ranks, {1, 1'000'000}, "ranks that work on one trial together");
  keys.end();
  sweep.space = SearchSpace::from(ranges, keys);
  check_together(sweep, sweep.experiment.fields(), document, fixed, arguments.set);
  sweep.experiment.fields().require_paths(sweep.base);
  return sweep;
}

/// What runs the trials.
std::unique_ptr<TrialRunner> make_runner(const Sweep& sweep, const SweepArguments& arguments,
                                         const Experiments& experiments, double lease) {
  if (sweep.spec.command.empty())
    return std::make_unique<ExperimentTrials>(sweep.base, experiments, command_line_text());
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

/// What would run, and how long it would take.
void print(const Forecast& forecast, const std::string& sampler, std::int64_t workers) {
  for (const Forecast::Entry& trial : forecast.trials) {
    std::string text = format("trial {}: {}", trial.number, in_words(trial.parameters));
    if (trial.state) {
      text += format(" ({})", to_text(*trial.state));
    } else if (trial.seed) {
      text += format(", seed {}", *trial.seed);
    }
    std::cout << text << "\n";
  }
  if (forecast.unchosen > 0)
    std::cout << format("{} more trials, chosen by {} as the sweep goes\n", forecast.unchosen, sampler);
  const std::int64_t left = forecast.left();
  std::cout << format("{} trial{} would run, {} have ended", left, left == 1 ? "" : "s", forecast.ended);
  if (forecast.mean_seconds > 0) {
    const double seconds = forecast.mean_seconds * static_cast<double>(left) / static_cast<double>(workers);
    std::cout << format("; at {} each, {} at a time, they take {}", duration_text(forecast.mean_seconds), workers,
                        duration_text(seconds));
  } else {
    std::cout << "; none has ended, so nothing is known about their time";
  }
  std::cout << std::endl;
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

std::string ended_in_words(std::int64_t ended, std::int64_t total) {
  return format("{} of {} trials have ended", ended, total);
}

void log_where(const std::filesystem::path& out) { log_info(format("see them: atelier report {}", out.string())); }

/// Several workers on this machine, without MPI. Throws `SaidByAnother` with their exit status unless it is 0.
void run_jobs(const Sweep& sweep, const Sampler& sampler, const std::filesystem::path& out, int jobs) {
  if (sweep.ranks > 1) {
    throw UsageError(format("--jobs {}: each trial wants {} ranks, which only mpirun can start", jobs, sweep.ranks));
  }
  const int status = run_local_jobs(jobs);
  const Forecast rest = forecast(sweep.spec, sweep.space, sampler, out, sweep.first_seed());
  if (rest.ended > 0) {
    log_info(ended_in_words(rest.ended, rest.ended + rest.left()));
    log_where(out);
  }
  if (status != 0) throw SaidByAnother{.exit_status = status};
}

void run_sweep(const SweepArguments& arguments, const Experiments& experiments) {
  const std::optional<double> limit =
      arguments.time_limit.empty() ? std::optional(0.0) : parse_duration(arguments.time_limit);
  if (!limit)
    throw UsageError(format("--time-limit {}: expected a duration, for instance 30m or 4h", arguments.time_limit));
  const std::optional<double> lease = parse_duration(arguments.lease);
  if (!lease || *lease < 0.1)
    throw UsageError(format("--lease {}: expected a duration of at least 100ms, for instance 60s", arguments.lease));
  Sweep sweep = read_sweep_file(arguments, experiments.kinds);
  const SweepSpec& spec = sweep.spec;
  const auto sampler = spec.make_sampler(sweep.space);
  const auto pruner = spec.make_pruner();
  const std::filesystem::path out = arguments.out.empty() ? std::filesystem::path("runs") / spec.name : arguments.out;
  if (arguments.dry_run) {
    const auto world = make_world_communicator();
    const std::int64_t groups =
        arguments.groups.empty() ? world->size() / sweep.ranks : static_cast<std::int64_t>(arguments.groups.size());
    on_first_rank(*world, [&] {
      print(forecast(spec, sweep.space, *sampler, out, sweep.first_seed()), spec.sampler,
            std::max<std::int64_t>(arguments.jobs, groups));
    });
    return;
  }
  const std::optional<LocalJob> job = LocalJob::of_this_process();
  if (arguments.jobs > 1 && !job && arguments.enqueue.empty()) {
    run_jobs(sweep, *sampler, out, arguments.jobs);
    return;
  }
  const bool command = !spec.command.empty();
  if (!command && !experiments.can_run(sweep.experiment)) hand_over();
  const std::unique_ptr<TrialRunner> runner = make_runner(sweep, arguments, experiments, *lease);

  const StopSignal stop;
  const auto world = make_world_communicator();
  if (job && world->size() > 1) throw UsageError("--jobs starts its workers itself: leave out mpirun, or --jobs");
  set_log_rank(job ? job->index : world->rank());
  const auto group = world->split(group_of(world->rank(), world->size(), sweep.ranks, arguments));
  if (!command) together(*world, [&] { runner->prepare({})->check(*group); });

  std::unique_ptr<SweepFolder> folder;
  on_first_rank(*world, [&] {
    folder = std::make_unique<SweepFolder>(open_sweep(out, spec, sweep.space, sweep.experiment_text));
  });
  if (!folder) folder = std::make_unique<SweepFolder>(out);
  if (!arguments.enqueue.empty()) {
    on_first_rank(*world, [&] {
      const Parameters wanted = parameters_from(sweep.space, arguments.enqueue);
      const Enqueued added = enqueue(spec, *folder, *runner, wanted);
      log_info(added.was_there ? format("trial {} has these parameters already", added.number)
                               : format("trial {} waits to be run: {}", added.number, in_words(wanted)));
    });
    return;
  }
  const std::int64_t at_a_time = !arguments.groups.empty() ? static_cast<std::int64_t>(arguments.groups.size())
                                 : job                     ? job->count
                                                           : world->size() / sweep.ranks;
  log_info(format("sweep {} in {}: {}, sampler {}, {} at a time", spec.name, out.string(),
                  spec.trials > 0 ? format("{} trials", spec.trials * spec.trial.seeds) : "all of the grid",
                  spec.sampler, at_a_time));

  const TimeLimit time_limit(*limit);
  const WorkerReport report = work(*folder, spec, sweep.space, *sampler, *pruner, *runner, *group,
                                   {.only = arguments.only,
                                    .retry_failed = arguments.retry_failed,
                                    .lease = std::chrono::milliseconds(static_cast<std::int64_t>(*lease * 1000))});
  // Nothing collective from here on: other groups may still work, or have been stopped.
  if (group->rank() != 0) return;
  if (!job) {
    log_info(format("{} ({} ran in this group, {} of them failed, {} pruned){}",
                    ended_in_words(report.ended, report.total), report.ran, report.failed, report.pruned,
                    rest_in_words(report)));
  }
  for (const std::int64_t number : arguments.only) {
    if (!std::filesystem::exists(folder->trial(number).path())) log_warning(format("there is no trial {}", number));
  }
  if (report.too_wide > 0)
    log_warning(format("{} trials need more ranks than this group's {}", report.too_wide, group->size()));
  if (!job) log_where(out);
  if (report.ran > 0 && report.failed == report.ran)
    throw Error(format("every trial that ran failed; see atelier status {}", out.string()));
}

}  // namespace

void add_sweep(CLI::App& program, const Experiments& experiments) {
  const auto arguments = std::make_shared<SweepArguments>();
  CLI::App* verb =
      program.add_subcommand("sweep", "Runs the trials of a sweep, with any other jobs that do; again goes on");
  verb->add_option("SWEEP.toml", arguments->spec, "The sweep")->required();
  verb->add_option("--set", arguments->set, "Changes one key of the experiment for all trials; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  verb->add_option("--out", arguments->out, "The sweep's folder (default: runs/NAME)");
  verb->add_option("--jobs", arguments->jobs, "Workers on this machine, each with a trial of its own; needs no mpirun")
      ->check(CLI::Range(1, 1024))
      ->capture_default_str();
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
      "Example:\n  atelier sweep sweeps/loss-weights.toml --jobs 2\n"
      "  mpirun -n 8 atelier sweep sweeps/architectures.toml --ranks-per-trial 2 --out runs/architectures");
  verb->callback([arguments, experiments] { run_sweep(*arguments, experiments); });
}

}  // namespace atelier
