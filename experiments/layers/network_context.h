#pragma once

#include "experiments/layers/initialization.h"
#include "framework/distributed/tensor_reduction.h"
#include "framework/kernels/winograd_convolution.h"

namespace atelier {

/// Which of the ways to compute a layer a network may take; all give the same numbers up to rounding.
struct Kernels {
  bool winograd =
      true;  ///< 3x3 convolutions of our own: `winograd_convolution`, and the gradients of `strided_convolution`.
  WinogradTile tile = WinogradTile::two;
  bool fused_norm = true;  ///< Norm and activation in one pass. They have no second derivative.
};

/// What the layers of a network are made with. What sums over the ranks must outlive the network.
struct NetworkContext {
  Initializer& initializer;
  TensorReduction& ranks;  ///< For norms that look at the whole batch.
  Kernels kernels;
};

}  // namespace atelier
