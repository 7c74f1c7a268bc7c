#pragma once

#include <ATen/ATen.h>

#include <string>

namespace atelier {

/// What follows a convolution or a norm. `activations.def` says what each is.
enum class Activation { none, leaky_relu, relu, elu, silu, gelu };
Activation activation_from(const std::string& name);  ///< Throws `Error`.

/// Negative slope of every LeakyReLU.
constexpr double leaky_slope = 0.2;

at::Tensor activate(const at::Tensor& x, Activation activation);

/// The same where nobody else reads `x`, for instance the output of a convolution: in its memory where that can be.
at::Tensor activate_in_place(at::Tensor x, Activation activation);

}  // namespace atelier
