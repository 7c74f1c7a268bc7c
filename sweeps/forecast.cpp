#include "sweeps/forecast.h"

#include "sweeps/objectives.h"
#include "sweeps/planner.h"
#include "sweeps/sweep_state.h"

namespace atelier {

Forecast forecast(const SweepSpec& spec, const SearchSpace& space, const Sampler& sampler,
                  const std::filesystem::path& path, std::int64_t first_seed) {
  const Objectives objectives(spec);
  const SweepFolder folder(path);
  const std::int64_t seeds = spec.trial.seeds;
  SweepState state(folder, objectives, seeds);
  state.look();
  Forecast forecast{.trials = {}, .unchosen = 0, .ended = state.ended(), .mean_seconds = state.mean_seconds()};
  for (const std::int64_t number : state.open()) {
    const SweepState::Known& known = *state.find(number);
    forecast.trials.push_back(
        {.number = number, .parameters = known.file.parameters, .seed = known.file.seed, .state = known.state});
  }
  Planner planner(sampler, space, state, seeds, spec.seed);
  const std::int64_t settings = spec.trials > 0 ? spec.trials : sampler.limit();
  for (std::int64_t number = state.first_unknown(); number < settings * seeds + state.enqueued(); ++number) {
    if (state.find(number)) continue;
    if (sampler.learns()) {
      ++forecast.unchosen;
      continue;
    }
    const std::optional<Suggestion> suggestion = planner.choose(number / seeds);
    if (!suggestion) break;
    forecast.trials.push_back({.number = number,
                               .parameters = suggestion->parameters,
                               .seed = seeds > 1 ? std::optional(first_seed + number % seeds) : std::nullopt,
                               .state = {}});
  }
  return forecast;
}

}  // namespace atelier
