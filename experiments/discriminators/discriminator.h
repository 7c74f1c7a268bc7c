#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "experiments/layers/network_context.h"
#include "experiments/layers/normalization.h"
#include "experiments/photo_to_anime_spec.h"

namespace atelier {

/// Tells anime from generated pictures.
class Discriminator : public torch::nn::Module {
 public:
  /// N x 3 x H x W, RGB in [0, 1], to logits, one a patch: one tensor a scale, N x 1 x H/4 x W/4 at the whole size,
  /// half of that at each further scale. "patch" has one scale.
  virtual std::vector<at::Tensor> forward(const at::Tensor& image) = 0;

  /// To be called once before each update, before its first `forward`, never in evaluation: moves what goes on from
  /// step to step, the power iterations of spectral normalisation. All passes of a step so see the same weights.
  virtual void begin_step();

  /// Whether, while training, the logits of one image depend on the others of the batch.
  virtual bool mixes_images() const { return has_mixing_norm(*this); }
};

/// Throws `Error` for a kind that is not in `catalog.def`.
std::shared_ptr<Discriminator> make_discriminator(const DiscriminatorSpec& spec, const NetworkContext& context);

/// What `catalog.def` names; one function a file.
std::shared_ptr<Discriminator> make_patch_discriminator(const DiscriminatorSpec& spec, const NetworkContext& context);
std::shared_ptr<Discriminator> make_multi_scale_discriminator(const DiscriminatorSpec& spec,
                                                              const NetworkContext& context);

}  // namespace atelier
