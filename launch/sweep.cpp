#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/suggestion.h"
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
Document base_experiment(SweepSpec& sweep, const Document& document, const std::vector<Document::Entry>& fixed, const SweepArguments& arguments) {
  sweep.fields().require_paths(document, "");
  Document base = Document::from_file(std::filesystem::relative(sweep.experiment));
  for (const Document::Entry& entry : fixed) base.set(entry.key(), entry.value, entry.where);
  for (const std::string& assignment : arguments.set) base.set(assignment);
  return base;
}

/// What sweep and experiment must agree about. Throws `UsageError`.
void check_together(const SweepSpec& sweep, const Document& document, const SearchSpace& space, const ExperimentSpec& experiment,
                    const std::vector<Document::Entry>& fixed, const std::vector<std::string>& set) {
  const std::vector<std::string_view> measures = experiment.measures();
  for (const auto& [key, names] : {std::pair("minimize", &sweep.minimize), std::pair("maximize", &sweep.maximize)}) {
    for (const std::string& name : *names) {
      if (std::find(measures.begin(), measures.end(), name) != measures.end()) continue;
      const Document::Entry* entry = document.find(key);
      throw spec_error(entry ? entry->where : Location{document.name(), {}},
                       format("{} = \"{}\": there is no such measure; there are {}", key, name, quoted_list(measures)));
    }
  }
  for (const Dimension& dimension : space.dimensions()) {
    const auto refuse = [&](const Location& where) {
      return spec_error(where, format("{} is varied by [space] and cannot be fixed as well", dimension.key));
    };
    for (const Document::Entry& entry : fixed) {
      if (entry.key() == dimension.key) throw refuse(entry.where);
    }
    for (const std::string& assignment : set) {
      if (assignment.starts_with(dimension.key + "=")) throw refuse({"--set " + assignment, {}});
    }
  }
}

void run_sweep(const SweepArguments& arguments, const ExperimentPrograms& programs) {
  Document document = Document::from_file(arguments.spec);
  const std::vector<Document::Entry> ranges = document.take("space"), fixed = document.take("set");
  SweepSpec sweep = SweepSpec::from(document);
  if (arguments.ranks_per_trial > 0) sweep.trial.ranks = arguments.ranks_per_trial;
  if (ranges.empty()) throw UsageError(document.name() + ": [space] is empty; name at least one key to vary");
  const Document base = base_experiment(sweep, document, fixed, arguments);
  ExperimentSpec experiment = ExperimentSpec::from(base);
  const std::string experiment_text = experiment.fields().to_toml();
  ExperimentSpec scratch = experiment;  // the check of the ranges tries values in it
  const SearchSpace space = SearchSpace::from(ranges, scratch.fields());
  check_together(sweep, document, space, experiment, fixed, arguments.set);
  experiment.fields().require_paths(base, "random");
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
  if (programs.check && experiment.kind != "function") together(*world, [&] { programs.check(experiment, *group); });
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
                  report.failed, ended < different ? "; the rest is held by others: the same command again takes over what they left" : ""));
  log_info(format("see them: atelier report {}", out.string()));
  if (report.ran > 0 && report.failed == report.ran) throw Error(format("every trial that ran failed; see atelier status {}", out.string()));
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
