#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "experiments/layers/network_context.h"
#include "experiments/layers/normalization.h"
#include "experiments/photo_to_anime_spec.h"

namespace atelier {

/// Turns photographs into anime: N x 3 x H x W, RGB in [0, 1], H and W multiples of 4 ("unet": of 8, else it throws
/// `Error`); the same shape comes out, not clamped.
class Generator : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& photo) = 0;

  /// Whether, while training, what comes out for one photograph depends on the others of the batch.
  virtual bool mixes_images() const { return has_mixing_norm(*this); }
};

/// Throws `Error` for a kind that is not in `catalog.def`.
std::shared_ptr<Generator> make_generator(const GeneratorSpec& spec, const NetworkContext& context);

/// What `catalog.def` names; one function a file.
std::shared_ptr<Generator> make_residual_generator(const GeneratorSpec& spec, const NetworkContext& context);
std::shared_ptr<Generator> make_light_generator(const GeneratorSpec& spec, const NetworkContext& context);
std::shared_ptr<Generator> make_unet_generator(const GeneratorSpec& spec, const NetworkContext& context);

}  // namespace atelier
