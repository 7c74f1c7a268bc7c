#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// LeakyReLU((x - mean) / (std + 1e-3) * gamma + beta), mean and deviation over C, H and W of each image, with a backward
/// of its own: three passes over memory forward and two backward, where separate operations make about ten each. `x`: N x C x H x W, float or
/// double; `gamma`, `beta`: one number each; `slope` 1 leaves the activation out. Sums are taken in double precision over
/// fixed pieces, so the result does not depend on the number of threads.
at::Tensor layer_norm_leaky(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, double slope);

}  // namespace atelier
