#pragma once

#include <torch/nn/module.h>

#include <memory>

#include "experiments/layers/network_context.h"
#include "experiments/photo_to_anime_spec.h"

namespace atelier {

/// Tells anime from generated pictures: N x 3 x H x W, RGB in [0, 1], to logits, one a patch, N x 1 x H/4 x W/4.
class Discriminator : public torch::nn::Module {
 public:
  virtual at::Tensor forward(const at::Tensor& image) = 0;
};

/// Throws `Error` for a kind that is not in `catalog.def`.
std::shared_ptr<Discriminator> make_discriminator(const DiscriminatorSpec& spec, const NetworkContext& context);

/// What `catalog.def` names; one function a file.
std::shared_ptr<Discriminator> make_patch_discriminator(const DiscriminatorSpec& spec, const NetworkContext& context);

}  // namespace atelier
