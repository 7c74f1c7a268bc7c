#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// How a normalisation is computed.
struct NormOptions {
  std::int64_t groups =
      1;  ///< Channels are normalised in so many groups of neighbours; 1: all together; C: each alone.
  double epsilon = 1e-5;
  bool beside_deviation =
      false;  ///< Epsilon is added to the deviation, as keras_contrib does, instead of to the variance.
};

/// LeakyReLU((x - mean) / deviation * gamma + beta + skip), mean and deviation over H, W and a group's channels of each
/// image, in two passes over memory forward and two backward, where separate operations make about ten each.
///
/// `x`, and `skip` where it is defined: N x C x H x W, channels last in memory (others are converted), float, double or
/// bfloat16; `gamma`, `beta`: C numbers or one, float or double; `slope`: of the activation below zero, 1 leaves it
/// out. Sums go on in double precision over fixed pieces, so the result does not depend on the number of threads. It
/// has a gradient, and no second one.
at::Tensor fused_norm(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, const NormOptions& options,
                      double slope, const at::Tensor& skip = {});

}  // namespace atelier
