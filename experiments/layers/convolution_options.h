#pragma once

#include <cstdint>

namespace atelier {

/// What lies beyond an image's border. With `zero` and `reflect` the output has a pixel for each `stride` pixels of the
/// input, as TensorFlow's SAME; with `none` no window leaves the image.
enum class Padding { zero, reflect, none };

/// How first weights are drawn. Biases begin at zero.
enum class Initialization { he_normal, glorot_uniform };

/// A convolution with bias: N x in x H x W to N x out x H/stride x W/stride.
struct ConvolutionOptions {
  std::int64_t in = 0, out = 0;
  std::int64_t kernel = 3;
  std::int64_t stride = 1;
  Padding padding = Padding::zero;
  std::int64_t groups = 1;  ///< Input and output channels fall into so many groups that do not mix; `in`: depthwise.
  bool spectral = false;    ///< Computes with the weight over its largest singular value, see `SpectralNorm`.
  Initialization initialization = Initialization::he_normal;
  double gain = 1;  ///< Factor on weights drawn by `glorot_uniform`.
};

}  // namespace atelier
