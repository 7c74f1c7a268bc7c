#include "experiments/discriminators/discriminator.h"

#include "experiments/layers/spectral_norm.h"
#include "framework/core/error.h"

namespace atelier {

void Discriminator::begin_step() {
  for (const auto& module : modules(/*include_self=*/false)) {
    if (auto* spectral = dynamic_cast<SpectralNorm*>(module.get())) spectral->iterate();
  }
}

std::shared_ptr<Discriminator> make_discriminator(const DiscriminatorSpec& spec, const NetworkContext& context) {
#define ATELIER_DISCRIMINATOR(known, make, summary) \
  if (spec.kind == known) return make(spec, context);
#include "experiments/discriminators/catalog.def"
#undef ATELIER_DISCRIMINATOR
  throw Error("there is no discriminator " + spec.kind);
}

}  // namespace atelier
