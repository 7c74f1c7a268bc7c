#include <algorithm>

#include "experiments/health/measures.h"
#include "experiments/photo_to_anime/spec.h"

namespace atelier {
namespace {

/// A failure mode that a measure of a training's health declares.
Bound bound(const char* measure, const char* mode) {
  const Measure declared = Measures({health_measures()}).of(measure);
  return {measure, *std::ranges::find(declared.failure_modes, mode, &FailureMode::name)};
}

}  // namespace

// One line each, by failure modes that the measures declare.
std::vector<PrunerPreset> PhotoToAnimeSpec::pruner_presets() const {
  return {
      {"collapse",
       "ends trials whose output ignores its input, or is its input",
       {bound("health.output_spread", "collapsed"), bound("health.output_change", "unchanged")}},
      {"discriminator-won",
       "ends trials whose discriminator tells everything apart",
       {bound("health.discriminator_lead", "won")}},
  };
}

}  // namespace atelier
