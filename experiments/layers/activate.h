#pragma once

#include <ATen/ATen.h>

#include "experiments/layers/activation.h"

namespace atelier {

at::Tensor activate(const at::Tensor& x, Activation activation);

/// The same where nobody else reads `x`, for instance the output of a convolution: in its memory where that can be.
at::Tensor activate_in_place(at::Tensor x, Activation activation);

}  // namespace atelier
