#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/distributed/first_rank.h"
#include "launch/experiment_trials.h"
#include "launch/program.h"
#include "launch/verbs.h"
#include "sweeps/worker.h"

namespace atelier {
namespace {

struct SweepArguments {
  std::filesystem::path spec, out;
  std::vector<std::string> set;
  std::int64_t ranks_per_trial = 0;
};

/// The experiment that all trials start from: the file, then the sweep's [set], then --set.
Document base_experiment(const SweepSpec& sweep, const std::vector<Document::Entry>& fixed, const SweepArguments& arguments) {
  Document base = Document::from_file(std::filesystem::relative(sweep.experiment));
  for (const Document::Entry& entry : fixed) base.set(entry.key(), entry.value, entry.where);
  for (const std::string& assignment : arguments.set) base.set(assignment);
  return base;
}

void run_sweep(const SweepArguments& arguments, const ExperimentPrograms& programs) {
  Document document = Document::from_file(arguments.spec);
  const std::vector<Document::Entry> ranges = document.take("space"), fixed = document.take("set");
  SweepSpec sweep = SweepSpec::from(document);
  if (arguments.ranks_per_trial > 0) sweep.trial.ranks = arguments.ranks_per_trial;
  if (ranges.empty()) throw UsageError(document.name() + ": [space] is empty; name at least one key to vary");
  const Document base = base_experiment(sweep, fixed, arguments);
  ExperimentSpec experiment = ExperimentSpec::from(base);
  const std::string experiment_text = experiment.fields().to_toml();
  ExperimentSpec scratch = experiment;  // the check of the ranges tries values in it
  const SearchSpace space = SearchSpace::from(ranges, scratch.fields());
  const auto sampler = make_sampler(sweep.sampler, space, {.seed = sweep.seed, .grid_points = sweep.grid_points});
  if (!programs.can_run(experiment)) hand_over();

  const StopSignal stop;
  const auto world = make_world_communicator();
  set_log_rank(world->rank());
  if (world->size() % sweep.trial.ranks != 0) {
    throw UsageError(format("{} ranks cannot be shared out in groups of {}; start a multiple of {}, or choose another "
                            "--ranks-per-trial",
                            world->size(), sweep.trial.ranks, sweep.trial.ranks));
  }
  const auto group = world->split(static_cast<int>(world->rank() / sweep.trial.ranks));
  if (programs.check && experiment.kind != "function") programs.check(experiment, *group);
  ExperimentTrials trials(base, programs, command_line_text());

  const std::int64_t limit = sampler->limit();
  const std::int64_t count = sweep.trials == 0 ? limit : limit == 0 ? sweep.trials : std::min(limit, sweep.trials);
  const std::filesystem::path out = arguments.out.empty() ? std::filesystem::path("runs") / sweep.name : arguments.out;
  std::unique_ptr<SweepFolder> folder;
  on_first_rank(*world, [&] { folder = std::make_unique<SweepFolder>(out, sweep, space, experiment_text); });
  if (!folder) folder = std::make_unique<SweepFolder>(out, sweep, space, experiment_text);
  log_info(format("sweep {} in {}: {} trials, {} at a time", sweep.name, out.string(), count, world->size() / sweep.trial.ranks));

  const WorkerReport report = work(*folder, *sampler, count, trials, *group);
  // Nothing collective from here on: other groups may still work, or have been stopped.
  const std::int64_t ended = folder->ended(count), different = count - report.same;
  log_info(format("{} of {} trials have ended ({} ran in this group, {} of them failed){}", ended, different, report.ran,
                  report.failed, ended < different ? "; others are at work on the rest" : ""));
  log_info(format("see them: atelier report {}", out.string()));
}

}  // namespace

void add_sweep(CLI::App& program, const ExperimentPrograms& programs) {
  const auto arguments = std::make_shared<SweepArguments>();
  CLI::App* verb = program.add_subcommand("sweep", "Runs the trials of a sweep, with any other jobs that do; again goes on");
  verb->add_option("SWEEP.toml", arguments->spec, "The sweep")->required();
  verb->add_option("--set", arguments->set, "Changes one key of the experiment for all trials; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  verb->add_option("--out", arguments->out, "The sweep's folder (default: runs/NAME)");
  verb->add_option("--ranks-per-trial", arguments->ranks_per_trial, "Ranks that work on one trial together (default: the spec's)")
      ->check(CLI::PositiveNumber);
  verb->footer(
      "Start it as often as you like, on any hosts that see the folder: each trial runs once.\n"
      "Example:\n  mpirun -n 2 atelier sweep sweeps/loss-weights.toml\n"
      "  mpirun -n 8 atelier sweep sweeps/architectures.toml --ranks-per-trial 2 --out runs/architectures");
  verb->callback([arguments, programs] { run_sweep(*arguments, programs); });
}

}  // namespace atelier
