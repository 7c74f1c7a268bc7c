#include "sweeps/sampler.h"

namespace atelier {

// One function a file of sweeps/samplers.
#define ATELIER_SAMPLER(name, options, summary) std::unique_ptr<SamplerOptions> options();
#include "sweeps/samplers/catalog.def"
#undef ATELIER_SAMPLER

Catalog<SamplerEntry> samplers() {
  static constexpr SamplerEntry entries[] = {
#define ATELIER_SAMPLER(name, options, summary) {name, summary, options},
#include "sweeps/samplers/catalog.def"
#undef ATELIER_SAMPLER
  };
  return Catalog<SamplerEntry>("sampler", entries);
}

std::unique_ptr<Sampler> make_sampler(std::string_view name, const SearchSpace& space, const SamplerContext& context) {
  return samplers().at(name).options()->make(space, context);
}

}  // namespace atelier
