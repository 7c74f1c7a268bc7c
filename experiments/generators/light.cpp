#include "experiments/generators/two_stage.h"

namespace atelier {
namespace {

/// 1x1 to twice the channels, 3x3 on each channel alone, 1x1 back, and the way around them; each convolution is
/// followed by the norm, the first two by the activation too. 2 * 2 C^2 + 9 * 2 C weights where `ResidualBlock` has 18
/// C^2.
///
/// Source: Sandler et al., "MobileNetV2: Inverted residuals and linear bottlenecks", CVPR 2018; the factor 2 is
/// AnimeGANv2's.
class InvertedResidualBlock : public torch::nn::Module {
 public:
  InvertedResidualBlock(std::int64_t channels, const GeneratorSpec& spec, const NetworkContext& context)
      : activation_(activation_from(spec.activation)) {
    const std::int64_t wide = 2 * channels;
    const Convolution::Options options[] = {
        {.in = channels, .out = wide, .kernel = 1},
        {.in = wide, .out = wide, .padding = padding_from(spec.padding), .groups = wide},
        {.in = wide, .out = channels, .kernel = 1}};
    const char* names[] = {"expand", "depthwise", "project"};
    for (int i = 0; i < 3; ++i) {
      convolutions_[i] = register_module(names[i], std::make_shared<Convolution>(options[i], context));
      norms_[i] = register_module(names[i] + std::string("_norm"), make_norm(spec.norm, options[i].out, context));
    }
  }
  at::Tensor forward(const at::Tensor& x) {
    at::Tensor y = x;
    for (int i = 0; i < 2; ++i) y = norms_[i]->forward(convolutions_[i]->forward(y), activation_);
    return norms_[2]->forward(convolutions_[2]->forward(y), Activation::none, x);
  }

 private:
  Activation activation_;
  std::shared_ptr<Convolution> convolutions_[3];
  std::shared_ptr<Norm> norms_[3];
};

}  // namespace

/// Light as Chen et al.'s AnimeGANv2 (2020) is: full convolutions where the size changes, inverted residuals between.
std::shared_ptr<Generator> make_light_generator(const GeneratorSpec& spec, const NetworkContext& context) {
  return std::make_shared<TwoStageGenerator<InvertedResidualBlock>>(spec, context);
}

}  // namespace atelier
