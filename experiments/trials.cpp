#include "experiments/trials.h"

#include "experiments/run.h"
#include "framework/core/format.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

class ExperimentTrial : public PreparedTrial {
 public:
  ExperimentTrial(ExperimentSpec spec, const Experiments& experiments, const std::string& command_line)
      : spec_(std::move(spec)),
        experiments_(experiments),
        command_line_(command_line),
        experiment_(experiments.prepare(spec_)) {}

  std::string identity() override { return spec_.identity(experiment_->data_digest()); }

  void check(const Communicator& ranks) override { experiment_->check(ranks); }

  RunResult run(const RunFolder& folder, Communicator& ranks, const TrialContext& context) override {
    if (!context.parent.empty() && spec_.own->length()) {
      // Each generation trains as long as the experiment says, on top of what its parent did.
      ExperimentSpec longer = spec_;
      Length& length = *longer.own->length();
      if (length.epochs > 0)
        throw Error("trials that begin from another's checkpoint need train.steps, not train.epochs");
      length.steps += begin_from(context, folder, ranks);
      return run(longer, *experiments_.prepare(longer), folder, ranks, context);
    }
    return run(spec_, *experiment_, folder, ranks, context);
  }

 private:
  RunResult run(ExperimentSpec& spec, PreparedExperiment& experiment, const RunFolder& folder, Communicator& ranks,
                const TrialContext& context) const {
    if (ranks.rank() == 0) {
      context.before_write();
      // The trial's folder already holds its claim, so it is a run's folder as soon as it has a spec.
      if (!std::filesystem::exists(folder.spec())) write_run_spec(spec, folder);
    }
    return experiment.run(
        folder,
        {.command_line = command_line_, .before_write = context.before_write, .reason_to_prune = context.on_record},
        ranks);
  }

  /// Gives a trial its parent's last checkpoint. The steps that were done to get there. Collective.
  static std::int64_t begin_from(const TrialContext& context, const RunFolder& folder, Communicator& ranks) {
    const RunFolder parent(context.parent);
    std::int64_t steps = 0;
    on_first_rank(ranks, [&] {
      const std::optional<std::int64_t> checkpoint = parent.newest_checkpoint();
      if (!checkpoint) throw Error(format("{} has no checkpoint to begin from", context.parent.string()));
      steps = *checkpoint;
      if (folder.newest_checkpoint()) return;
      context.before_write();
      make_folder(folder.checkpoints());
      FolderAside aside(folder.checkpoint(steps));
      std::filesystem::copy(parent.checkpoint(steps), aside.path(), std::filesystem::copy_options::recursive);
      aside.commit();
    });
    return std::stoll(ranks.broadcast(std::to_string(steps), 0));
  }

  ExperimentSpec spec_;
  const Experiments& experiments_;
  const std::string& command_line_;
  std::unique_ptr<PreparedExperiment> experiment_;
};

}  // namespace

ExperimentTrials::ExperimentTrials(Document base, Experiments experiments, std::string command_line)
    : base_(std::move(base)),
      experiments_(std::move(experiments)),
      command_line_(std::move(command_line)),
      first_seed_(ExperimentSpec::from(base_, experiments_.kinds).seed) {}

std::unique_ptr<PreparedTrial> ExperimentTrials::prepare(const Parameters& parameters) {
  Document document = base_;
  for (const auto& [key, value] : parameters) document.set(key, value, {"the trial's " + key, {}});
  return std::make_unique<ExperimentTrial>(ExperimentSpec::from(document, experiments_.kinds), experiments_,
                                           command_line_);
}

}  // namespace atelier
