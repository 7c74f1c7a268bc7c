#include "experiments/discriminators/discriminator.h"

#include "framework/core/error.h"

namespace atelier {

std::shared_ptr<Discriminator> make_discriminator(const DiscriminatorSpec& spec, const NetworkContext& context) {
#define ATELIER_DISCRIMINATOR(known, make, summary) \
  if (spec.kind == known) return make(spec, context);
#include "experiments/discriminators/catalog.def"
#undef ATELIER_DISCRIMINATOR
  throw Error("there is no discriminator " + spec.kind);
}

}  // namespace atelier
