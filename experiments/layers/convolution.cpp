#include "experiments/layers/convolution.h"

#include "framework/kernels/strided_convolution.h"

namespace atelier {

Convolution::Convolution(const ConvolutionOptions& options, const NetworkContext& context)
    : options_(options), kernels_(context.kernels) {
  weight = register_parameter("weight",
                              at::empty({options.out, options.in / options.groups, options.kernel, options.kernel}));
  bias = register_parameter("bias", at::zeros({options.out}));
  const std::int64_t pixels = options.kernel * options.kernel, fan_in = options.in / options.groups * pixels;
  if (options.initialization == Initialization::glorot_uniform) {
    context.initializer.skip();  // these weights were once drawn twice, and the numbers of a seed stay
    context.initializer.glorot_uniform(weight, fan_in, options.out * pixels, options.gain);
  } else {
    context.initializer.he_normal(weight, fan_in);
  }
  if (options.spectral) {
    spectral_ = register_module("spectral", std::make_shared<SpectralNorm>(weight, context.initializer));
  }
}

at::Tensor Convolution::forward(const at::Tensor& x) {
  const at::Tensor single = spectral_ ? spectral_->forward() : weight;
  // SAME: the total is what the last window sticks out; the smaller half goes to the top and the left.
  const auto total = [&](std::int64_t size) -> std::int64_t {
    if (options_.padding == Padding::none) return 0;
    const std::int64_t last_start = (size + options_.stride - 1) / options_.stride * options_.stride - options_.stride;
    return std::max<std::int64_t>(0, last_start + options_.kernel - size);
  };
  const std::int64_t down = total(x.size(2)), across = total(x.size(3));
  const bool even = down % 2 == 0 && across % 2 == 0;
  const bool winograd = options_.stride == 1 && options_.groups == 1 && kernels_.winograd && takes_winograd(x, single);
  const bool zeros = options_.padding == Padding::zero, reflects = options_.padding == Padding::reflect;
  if (winograd && zeros) return winograd_convolution(x, single, bias, kernels_.tile);
  // Weights stay in single precision; what computes in less takes a copy of them.
  const at::Tensor w = single.to(x.scalar_type()), b = bias.to(x.scalar_type());
  if (!reflects && even) {
    return at::conv2d(x, w, b, options_.stride, {down / 2, across / 2}, /*dilation=*/1, options_.groups);
  }
  const std::vector<std::int64_t> sides{across / 2, across - across / 2, down / 2, down - down / 2};
  const at::Tensor padded = zeros ? at::constant_pad_nd(x, sides) : at::reflection_pad2d(x, sides);
  if (winograd) return winograd_convolution(padded, single, bias, kernels_.tile, /*padding=*/0);
  if (options_.stride == 2 && options_.groups == 1 && kernels_.winograd && takes_strided(x, w))
    return strided_convolution(padded, w, b);
  return at::conv2d(padded, w, b, options_.stride, /*padding=*/at::IntArrayRef({0, 0}), /*dilation=*/1,
                    options_.groups);
}

TransposedConvolution::TransposedConvolution(std::int64_t in, std::int64_t out, const NetworkContext& context)
    : kernels_(context.kernels) {
  weight = register_parameter("weight", at::empty({in, out, 3, 3}));
  bias = register_parameter("bias", at::zeros({out}));
  context.initializer.he_normal(weight, out * 9);
}

at::Tensor TransposedConvolution::forward(const at::Tensor& x) {
  if (kernels_.winograd && takes_strided(x, weight)) return transposed_convolution(x, weight, bias);
  // The gradient of a convolution that padded one row below and one column to the right: those are cut off.
  const auto cut = [&](const at::Tensor& y) { return y.narrow(2, 0, 2 * x.size(2)).narrow(3, 0, 2 * x.size(3)); };
  if (x.scalar_type() != at::kBFloat16) return cut(at::conv_transpose2d(x, weight, bias, /*stride=*/2));
  // In 16 bits oneDNN has no fast way to add the bias within.
  return cut(at::conv_transpose2d(x, weight.to(x.scalar_type()), {}, /*stride=*/2)) +
         bias.to(x.scalar_type()).view({1, -1, 1, 1});
}

}  // namespace atelier
