#include "experiments/generators/generator.h"

#include "framework/core/error.h"

namespace atelier {

std::shared_ptr<Generator> make_generator(const GeneratorSpec& spec, const NetworkContext& context) {
#define ATELIER_GENERATOR(known, make, summary) \
  if (spec.kind == known) return make(spec, context);
#include "experiments/generators/catalog.def"
#undef ATELIER_GENERATOR
  throw Error("there is no generator " + spec.kind);
}

}  // namespace atelier
