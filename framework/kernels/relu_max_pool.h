#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// The 2x2 maximum, stride 2, of what is above zero in `x`: N x C x H x W to N x C x H/2 x W/2 (rounded down). One pass
/// and nothing but `x` kept for the gradient, where separate operations keep two more copies and the places of the
/// maxima. For floats and bfloat16 on the CPU, channels last; others go through the separate operations.
at::Tensor relu_max_pool(const at::Tensor& x);

}  // namespace atelier
