#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <string>

#include "experiments/layers/convolution.h"
#include "experiments/layers/normalization.h"
#include "experiments/photo_to_anime_spec.h"

namespace atelier {

// What generators are built of. All honour the spec's norm, activation, upsampling, padding and output.

/// The first convolution, 7x7, from RGB to `width` channels.
std::shared_ptr<Convolution> make_stem(const GeneratorSpec& spec, const NetworkContext& context);

/// Two 3x3 convolutions and the way around them: N x channels x H x W in and out. Each is followed by the norm; the
/// activation comes after the first norm and after the sum.
class ResidualBlock : public torch::nn::Module {
 public:
  ResidualBlock(std::int64_t channels, const GeneratorSpec& spec, const NetworkContext& context);
  at::Tensor forward(const at::Tensor& x);

 private:
  Activation activation_;
  std::shared_ptr<Convolution> convolutions_[2];
  std::shared_ptr<Norm> norms_[2];
};

/// Half or twice the size, a convolution, the norm and the activation: N x in x H x W to N x out x H/2 x W/2 or
/// N x out x 2H x 2W. There is no activation between the two convolutions.
class Stage : public torch::nn::Module {
 public:
  struct Options {
    std::int64_t in = 0, out = 0;
    bool grow = false;      ///< Twice the size, in the way of `GeneratorSpec::upsample`; else half of it.
    std::int64_t skip = 0;  ///< Channels of a second input, which joins before the second convolution.
  };
  Stage(const Options& options, const GeneratorSpec& spec, const NetworkContext& context);
  /// `skip`: N x skip x H x W of the output's size; undefined when the stage has no second input.
  at::Tensor forward(at::Tensor x, const at::Tensor& skip = {});

 private:
  std::string resize_;  // "strided", "transposed", "nearest" or "bilinear"
  Activation activation_;
  std::shared_ptr<TransposedConvolution> transposed_;
  std::shared_ptr<Convolution> first_, second_;
  std::shared_ptr<Norm> norm_;
};

/// The last convolution, 7x7, to RGB, and what `GeneratorSpec::output` makes of it.
class Head : public Convolution {
 public:
  /// Glorot-uniform weights; a hundredth of that for a correction of the photograph, which so begins as it is.
  Head(std::int64_t in, const GeneratorSpec& spec, const NetworkContext& context);
  /// `x`: N x in x H x W; `photo`: the generator's input, N x 3 x H x W.
  at::Tensor forward(const at::Tensor& x, const at::Tensor& photo);

 private:
  std::string output_;  // "linear", "tanh" or "residual"
};

}  // namespace atelier
