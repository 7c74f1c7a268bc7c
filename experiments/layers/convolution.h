#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>

#include "experiments/layers/convolution_options.h"
#include "experiments/layers/network_context.h"
#include "experiments/layers/spectral_norm.h"

namespace atelier {

/// N x in x H x W to N x out x H/stride x W/stride. TensorFlow's SAME padding, at stride 2 on even sizes, pads at the
/// bottom and the right alone.
class Convolution : public torch::nn::Module {
 public:
  Convolution(const ConvolutionOptions& options, const NetworkContext& context);
  at::Tensor forward(const at::Tensor& x);

  at::Tensor weight;  ///< out x in/groups x kernel x kernel
  at::Tensor bias;    ///< out

 private:
  ConvolutionOptions options_;
  Kernels kernels_;
  std::shared_ptr<SpectralNorm> spectral_;  // null unless asked for
};

/// A transposed 3x3 convolution of stride 2 with bias, SAME: N x in x H x W to N x out x 2H x 2W, the mirror image of
/// `Convolution` at stride 2.
class TransposedConvolution : public torch::nn::Module {
 public:
  /// He-normal weights, whose fan-in is 9 times the number of OUTPUT channels, as Keras computes it; zero bias.
  TransposedConvolution(std::int64_t in, std::int64_t out, const NetworkContext& context);
  at::Tensor forward(const at::Tensor& x);

  at::Tensor weight;  ///< in x out x 3 x 3
  at::Tensor bias;    ///< out

 private:
  Kernels kernels_;
};

}  // namespace atelier
