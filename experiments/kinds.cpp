#include "experiments/function/run.h"
#include "experiments/kind.h"
#include "experiments/photo_to_anime/spec.h"

namespace atelier {
namespace {

constexpr Kind kinds[] = {
    {"photo-to-anime", "photographs become anime, against a discriminator", make_kind_spec<PhotoToAnimeSpec>, nullptr},
    {"function", "test functions of optimisation", make_kind_spec<FunctionSpec>, prepare_function},
};

}  // namespace

const Kinds& known_kinds() {
  static constexpr Kinds known("kind of experiment", kinds);
  return known;
}

std::vector<PrunerPreset> pruner_presets(const Kinds& kinds) {
  std::vector<PrunerPreset> all;
  for (const Kind& kind : kinds.entries()) {
    for (PrunerPreset& preset : kind.make_spec()->pruner_presets()) all.push_back(std::move(preset));
  }
  return all;
}

}  // namespace atelier
