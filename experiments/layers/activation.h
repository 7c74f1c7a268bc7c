#pragma once

#include <string_view>

#include "framework/config/catalog.h"

namespace atelier {

/// What follows a convolution or a norm. `activations.def` says what each is.
enum class Activation { none, leaky_relu, relu, elu, silu, gelu };

/// Negative slope of every LeakyReLU.
constexpr double leaky_slope = 0.2;

struct ActivationEntry {
  std::string_view name, summary;
  Activation activation;
};
const Catalog<ActivationEntry>& activations();

}  // namespace atelier
