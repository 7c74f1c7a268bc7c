#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "experiments/run.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/core/stop_signal.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/claim.h"
#include "launch/program.h"
#include "launch/verbs.h"

namespace atelier {
namespace {

struct TrainArguments {
  std::filesystem::path spec, out;
  std::vector<std::string> set;
};

/// Two trainings in one folder would spoil each other. Throws `UsageError` saying who is at it.
void take(std::unique_ptr<Claim>& claim, const RunFolder& folder) {
  if (claim) return;
  claim = Claim::take(folder.path());
  if (claim) return;
  throw UsageError(format("{} is being trained by {}; wait for it, or choose another --out", folder.path().string(),
                          Claim::holder(folder.path()).value_or(ClaimHolder()).in_words()));
}

void run_train(const TrainArguments& arguments, const Experiments& experiments) {
  Document document = Document::from_file(arguments.spec);
  for (const std::string& assignment : arguments.set) document.set(assignment);
  ExperimentSpec spec = ExperimentSpec::from(document, experiments.kinds);
  spec.fields().require_paths(document);
  if (!experiments.can_run(spec)) hand_over();

  const StopSignal stop;
  const auto ranks = make_world_communicator();
  set_log_rank(ranks->rank());
  const std::unique_ptr<PreparedExperiment> experiment = experiments.prepare(spec);
  together(*ranks, [&] { experiment->check(*ranks); });
  const RunFolder folder(arguments.out.empty() ? std::filesystem::path("runs") / spec.name : arguments.out);
  bool has_work = true;
  std::unique_ptr<Claim> claim;  // of rank 0, for all
  on_first_rank(*ranks, [&] { has_work = prepare_run(spec, folder, [&] { take(claim, folder); }); });
  if (!ranks->any(ranks->rank() == 0 && has_work)) {
    const std::optional<RunResult> before = folder.read_result();
    if (before && before->state == TrialState::failed)
      throw Error(format("{} has failed: {}", folder.path().string(), before->reason));
    log_info(format("{} has already ended; see atelier status {}", folder.path().string(), folder.path().string()));
    return;
  }
  log_info(format("training {} into {}", spec.name, folder.path().string()));
  const auto before_write = [&claim] {
    if (claim) claim->check();
  };
  const RunContext context{.command_line = command_line_text(), .before_write = before_write, .reason_to_prune = {}};
  const RunResult result = experiment->run(folder, context, *ranks);
  if (ranks->rank() == 0) {
    before_write();
    folder.write_result(result);
  }
  std::string values;
  for (const auto& [name, value] : result.values) values += format(", {} {:.4g}", name, value);
  if (result.state == TrialState::failed) {
    if (ranks->rank() > 0) throw SaidByAnother();
    throw Error(format("{} failed: {}", folder.path().string(), result.reason));
  }
  log_info(format("{} after {} steps and {:.0f} s{}", to_text(result.state), result.steps, result.seconds, values));
  log_info(format("see it: atelier report {}", folder.path().string()));
}

}  // namespace

void add_train(CLI::App& program, const Experiments& experiments) {
  const auto arguments = std::make_shared<TrainArguments>();
  CLI::App* verb =
      program.add_subcommand("train", "Trains one experiment; the same command again goes on where it stopped");
  verb->add_option("SPEC.toml", arguments->spec, "The experiment")->required();
  verb->add_option("--set", arguments->set, "Changes one key of the spec; may be given again")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  verb->add_option("--out", arguments->out, "The run's folder (default: runs/NAME)");
  verb->footer(
      "Ctrl-C stops after saving everything. With mpirun the ranks share each batch.\n"
      "Example:\n  atelier train experiments/quick.toml --set loss.content.weight=3 --out runs/content-3\n"
      "  mpirun -n 2 atelier train experiments/quick.toml");
  verb->callback([arguments, experiments] { run_train(*arguments, experiments); });
}

}  // namespace atelier
