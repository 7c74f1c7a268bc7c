#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// Whether the following take these: float, on the CPU, 3x3, channels that are multiples of 16, AVX2 or AVX-512.
bool takes_strided(const at::Tensor& x, const at::Tensor& weight);

/// The 3x3 convolution of stride 2 without padding: N x in x H x W with out x in x 3 x 3 to N x out x (H - 1)/2 x (W -
/// 1)/2. libtorch's, but for the gradient of the weights, which here is a matrix product for each tap: three times as
/// fast. Channels last. It has a gradient, and no second one.
at::Tensor strided_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

/// Its transpose, cut to twice the size: N x in x H x W with in x out x 3 x 3 to N x out x 2H x 2W, the gradient of a
/// strided convolution that padded one row below and one column to the right.
at::Tensor transposed_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias);

}  // namespace atelier
