#include "launch/experiment_trials.h"

#include "framework/core/format.h"

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

RunResult ExperimentTrials::run(const Parameters& parameters, const RunFolder& folder, Communicator& ranks,
                                const TrialContext& context) {
  ExperimentSpec spec = spec_for(parameters);
  if (ranks.rank() == 0) {
    context.before_write();
    // The trial's folder already holds its claim, so it is a run's folder as soon as it has a spec.
    if (!std::filesystem::exists(folder.spec())) write_run_spec(spec, folder);
  }
  if (spec.kind == "function") return run_function(spec);
  return programs_.run(spec, folder, {.command_line = command_line_, .before_write = context.before_write}, ranks);
}

}  // namespace atelier
