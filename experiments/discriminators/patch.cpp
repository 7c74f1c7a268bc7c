#include "experiments/discriminators/discriminator.h"
#include "experiments/layers/convolution.h"
#include "experiments/layers/normalization.h"

namespace atelier {
namespace {

/// The baseline's discriminator, after AnimeGAN: seven 3x3 convolutions, two of stride 2, a field of 37 pixels. Each
/// depth above 2 adds two convolutions at a quarter of the size, and so 16 pixels to the field.
class PatchDiscriminator : public Discriminator {
 public:
  PatchDiscriminator(const DiscriminatorSpec& spec, const NetworkContext& context) {
    struct Layer {
      std::int64_t in, out, stride;
      bool norm;
    };
    const std::int64_t w = spec.width;
    std::vector<Layer> layers{{3, w, 1, false},         {w, 2 * w, 2, false},    {2 * w, 4 * w, 1, true},
                              {4 * w, 4 * w, 2, false}, {4 * w, 8 * w, 1, true}, {8 * w, 8 * w, 1, true}};
    layers.insert(layers.end(), static_cast<std::size_t>(2 * (spec.depth - 2)), {8 * w, 8 * w, 1, true});
    int number = 0;
    const auto convolution = [&](std::int64_t in, std::int64_t out, std::int64_t stride) {
      const Convolution::Options options{.in = in, .out = out, .stride = stride, .spectral = spec.spectral};
      return register_module("conv" + std::to_string(++number), std::make_shared<Convolution>(options, context));
    };
    for (const Layer& layer : layers) {
      convolutions_.push_back(convolution(layer.in, layer.out, layer.stride));
      norms_.push_back(layer.norm
                           ? register_module("norm" + std::to_string(number), make_norm(spec.norm, layer.out, context))
                           : nullptr);
    }
    head_ = convolution(8 * w, 1, 1);
  }

  std::vector<at::Tensor> forward(const at::Tensor& image) override {
    at::Tensor x = image;
    for (std::size_t i = 0; i < convolutions_.size(); ++i) {
      x = convolutions_[i]->forward(x);
      x = norms_[i] ? norms_[i]->forward(x, Activation::leaky_relu) : activate_in_place(x, Activation::leaky_relu);
    }
    return {head_->forward(x)};
  }

 private:
  std::vector<std::shared_ptr<Convolution>> convolutions_;
  std::vector<std::shared_ptr<Norm>> norms_;  // null where a layer has none
  std::shared_ptr<Convolution> head_;
};

}  // namespace

std::shared_ptr<Discriminator> make_patch_discriminator(const DiscriminatorSpec& spec, const NetworkContext& context) {
  return std::make_shared<PatchDiscriminator>(spec, context);
}

}  // namespace atelier
