#pragma once

#include <memory>

#include "experiments/discriminators/discriminator_spec.h"
#include "experiments/networks/network_module.h"

namespace atelier {

/// Tells anime from generated pictures: N x 3 x H x W, RGB in [0, 1], to logits, one a patch, one tensor a scale.
/// "patch" has one scale, N x 1 x H/4 x W/4.
class Discriminator : public NetworkModule {
 public:
  Discriminator(const DiscriminatorSpec& spec, const NetworkContext& context)
      : NetworkModule(discriminator_graph(spec), context) {}
};

/// Throws `UsageError` for a kind that is not in the catalog.
inline std::shared_ptr<Discriminator> make_discriminator(const DiscriminatorSpec& spec, const NetworkContext& context) {
  return std::make_shared<Discriminator>(spec, context);
}

}  // namespace atelier
