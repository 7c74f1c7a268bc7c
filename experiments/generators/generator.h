#pragma once

#include <memory>

#include "experiments/generators/generator_spec.h"
#include "experiments/networks/network_module.h"

namespace atelier {

/// Turns photographs into anime.
class Generator : public NetworkModule {
 public:
  Generator(const GeneratorSpec& spec, const NetworkContext& context) : NetworkModule(generator_graph(spec), context) {}

  /// N x 3 x H x W, RGB in [0, 1], H and W multiples of the graph's shrinkage; the same shape comes out, not clamped.
  at::Tensor forward(const at::Tensor& photo) { return NetworkModule::forward(photo).front(); }
};

/// Throws `UsageError` for a kind that is not in the catalog.
inline std::shared_ptr<Generator> make_generator(const GeneratorSpec& spec, const NetworkContext& context) {
  return std::make_shared<Generator>(spec, context);
}

}  // namespace atelier
