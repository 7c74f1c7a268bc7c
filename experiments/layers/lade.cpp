#include "experiments/layers/normalization.h"

namespace atelier {
namespace {

/// Linearly adaptive denormalisation: with t = W x, a 1x1 convolution without bias, and the moments of each channel of
/// each image over its pixels,
///   y = (x - mean(x)) / sqrt(var(x) + 1e-5) * sqrt(var(t) + 1e-5) + mean(t):
/// instance normalisation whose scale and shift depend on the image. W is all that is learned; it starts
/// Glorot-uniform, which keeps the variance.
///
/// Source: Liu, Chen and Gao, "A novel double-tail generative adversarial network for fast photo animation", IEICE
/// Transactions on Information and Systems E107-D(1), 2024 (AnimeGANv3), and its published program.
class Lade : public Norm {
 public:
  Lade(std::int64_t channels, Initializer& initializer) {
    weight_ = register_parameter("weight", at::empty({channels, channels, 1, 1}));
    initializer.glorot_uniform(weight_, channels, channels);
  }
  at::Tensor forward(const at::Tensor& x, Activation activation, const at::Tensor& skip) override {
    const auto [variance, mean] = moments_of_pixels(x);
    const auto [wanted_variance, wanted_mean] = moments_of_pixels(at::conv2d(x, weight_.to(x.scalar_type())));
    const at::Tensor scale = ((wanted_variance + epsilon) / (variance + epsilon)).sqrt();
    return add_and_activate((x - mean) * scale + wanted_mean, activation, skip);
  }

 private:
  static constexpr double epsilon = 1e-5;
  /// N x C x 1 x 1 each.
  static std::tuple<at::Tensor, at::Tensor> moments_of_pixels(const at::Tensor& x) {
    return at::var_mean(x, at::IntArrayRef{2, 3}, /*correction=*/0, /*keepdim=*/true);
  }

  at::Tensor weight_;
};

}  // namespace

std::shared_ptr<Norm> make_lade(std::int64_t channels, const NetworkContext& context) {
  return std::make_shared<Lade>(channels, context.initializer);
}

}  // namespace atelier
