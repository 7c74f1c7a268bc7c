#include "experiments/discriminators/discriminator.h"

namespace atelier {
namespace {

/// `scales` patch discriminators with weights of their own; the first sees the picture, each next one the means of 2x2
/// pixels of what the one before saw, and so a field twice as wide.
///
/// Source: Wang et al., "High-resolution image synthesis and semantic manipulation with conditional GANs", CVPR 2018
/// (pix2pixHD), section 3.2.
class MultiScaleDiscriminator : public Discriminator {
 public:
  MultiScaleDiscriminator(const DiscriminatorSpec& spec, const NetworkContext& context) {
    for (std::int64_t i = 0; i < spec.scales; ++i) {
      scales_.push_back(register_module("scale" + std::to_string(i + 1), make_patch_discriminator(spec, context)));
    }
  }

  std::vector<at::Tensor> forward(const at::Tensor& image) override {
    std::vector<at::Tensor> logits;
    at::Tensor x = image;
    for (const auto& discriminator : scales_) {
      if (!logits.empty()) x = at::avg_pool2d(x, 2);
      logits.push_back(discriminator->forward(x).front());
    }
    return logits;
  }

 private:
  std::vector<std::shared_ptr<Discriminator>> scales_;
};

}  // namespace

std::shared_ptr<Discriminator> make_multi_scale_discriminator(const DiscriminatorSpec& spec,
                                                              const NetworkContext& context) {
  return std::make_shared<MultiScaleDiscriminator>(spec, context);
}

}  // namespace atelier
