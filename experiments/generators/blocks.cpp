#include "experiments/generators/blocks.h"

namespace atelier {

std::shared_ptr<Convolution> make_stem(const GeneratorSpec& spec, const NetworkContext& context) {
  return std::make_shared<Convolution>(
      Convolution::Options{.in = 3, .out = spec.width, .kernel = 7, .padding = padding_from(spec.padding)}, context);
}

ResidualBlock::ResidualBlock(std::int64_t channels, const GeneratorSpec& spec, const NetworkContext& context)
    : activation_(activation_from(spec.activation)) {
  const Convolution::Options options{.in = channels, .out = channels, .padding = padding_from(spec.padding)};
  for (int i = 0; i < 2; ++i) {
    convolutions_[i] = register_module("conv" + std::to_string(i + 1), std::make_shared<Convolution>(options, context));
    norms_[i] = register_module("norm" + std::to_string(i + 1), make_norm(spec.norm, channels, context));
  }
}

at::Tensor ResidualBlock::forward(const at::Tensor& x) {
  const at::Tensor inner = norms_[0]->forward(convolutions_[0]->forward(x), activation_);
  return norms_[1]->forward(convolutions_[1]->forward(inner), activation_, x);
}

Stage::Stage(const Options& options, const GeneratorSpec& spec, const NetworkContext& context)
    : resize_(options.grow ? spec.upsample : "strided"), activation_(activation_from(spec.activation)) {
  const Padding padding = padding_from(spec.padding);
  const auto convolution = [&](std::int64_t from, std::int64_t stride) {
    return std::make_shared<Convolution>(
        Convolution::Options{.in = from, .out = options.out, .stride = stride, .padding = padding}, context);
  };
  if (resize_ == "transposed") {
    transposed_ = register_module("resize", std::make_shared<TransposedConvolution>(options.in, options.out, context));
  } else {
    first_ = register_module("resize", convolution(options.in, options.grow ? 1 : 2));
  }
  second_ = register_module("conv", convolution(options.out + options.skip, 1));
  norm_ = register_module("norm", make_norm(spec.norm, options.out, context));
}

at::Tensor Stage::forward(at::Tensor x, const at::Tensor& skip) {
  if (resize_ == "nearest") x = at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
  if (resize_ == "bilinear") x = at::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, /*align_corners=*/false);
  x = transposed_ ? transposed_->forward(x) : first_->forward(x);
  if (skip.defined()) x = at::cat({x, skip}, 1);
  return norm_->forward(second_->forward(x), activation_);
}

Head::Head(std::int64_t in, const GeneratorSpec& spec, const NetworkContext& context)
    : Convolution({.in = in, .out = 3, .kernel = 7, .padding = padding_from(spec.padding)}, context),
      output_(spec.output) {
  context.initializer.glorot_uniform(weight, in * 49, 3 * 49, output_ == "residual" ? 0.01 : 1);
}

at::Tensor Head::forward(const at::Tensor& x, const at::Tensor& photo) {
  const at::Tensor y = Convolution::forward(x);
  if (output_ == "residual") return photo + y;
  if (output_ == "tanh") return (at::tanh(y) + 1) / 2;
  return y;
}

}  // namespace atelier
