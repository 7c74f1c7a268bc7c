#include "launch/experiment_trials.h"

#include "framework/core/format.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"

namespace atelier {

ExperimentTrials::ExperimentTrials(Document base, ExperimentPrograms programs, std::string command_line)
    : base_(std::move(base)), programs_(std::move(programs)), command_line_(std::move(command_line)) {
  ExperimentSpec::from(base_);
}

ExperimentSpec ExperimentTrials::spec_for(const Parameters& parameters) const {
  Document document = base_;
  for (const auto& [key, value] : parameters) document.set(key, value, {"the trial's " + key, {}});
  return ExperimentSpec::from(document);
}

std::string ExperimentTrials::identity(const Parameters& parameters) {
  ExperimentSpec spec = spec_for(parameters);
  if (spec.kind != "photo-to-anime") return spec.identity();
  // Pictures count by what they show, not by where they lie.
  const std::string digest = programs_.data_digest(spec);
  spec.photo_to_anime.data.photos.clear();
  spec.photo_to_anime.data.anime.clear();
  return spec.identity() + "data = " + digest + "\n";
}

void ExperimentTrials::check(const Parameters& parameters, const Communicator& ranks) {
  const ExperimentSpec spec = spec_for(parameters);
  if (spec.kind != "function") programs_.check(spec, ranks);
}

std::int64_t ExperimentTrials::first_seed() const { return ExperimentSpec::from(base_).seed; }

RunResult ExperimentTrials::run(const Parameters& parameters, const RunFolder& folder, Communicator& ranks,
                                const TrialContext& context) {
  ExperimentSpec spec = spec_for(parameters);
  if (!context.parent.empty()) begin_from(context, folder, ranks, spec);
  if (ranks.rank() == 0) {
    context.before_write();
    // The trial's folder already holds its claim, so it is a run's folder as soon as it has a spec.
    if (!std::filesystem::exists(folder.spec())) write_run_spec(spec, folder);
  }
  const RunContext around{
      .command_line = command_line_,
      .before_write = context.before_write,
      .reason_to_prune = [&context](std::int64_t step, const std::map<std::string, double>& measures) {
        return context.report({.at = static_cast<double>(step), .measures = measures});
      }};
  if (spec.kind != "function") return programs_.run(spec, folder, around, ranks);
  RunResult result;
  on_first_rank(ranks, [&] { result = run_function(spec, folder, around); });
  return result;
}

void ExperimentTrials::begin_from(const TrialContext& context, const RunFolder& folder, Communicator& ranks,
                                  ExperimentSpec& spec) const {
  if (spec.kind == "function") return;  // it has no state
  // Each generation trains as long as the experiment says, on top of what its parent did.
  const RunFolder parent(context.parent);
  TrainSpec& train = spec.photo_to_anime.train;
  if (train.length.epochs > 0)
    throw Error("trials that begin from another's checkpoint need train.steps, not train.epochs");
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
  train.length.steps += std::stoll(ranks.broadcast(std::to_string(steps), 0));
}

}  // namespace atelier
