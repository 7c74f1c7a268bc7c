#pragma once

#include <cstdint>

#include "experiments/networks/network_graph.h"

namespace atelier {

/// What a network takes, counted on its graph.
struct NetworkCosts {
  std::int64_t parameters = 0;  ///< Trained numbers; running means and singular vectors are none.
  /// Multiplications with an addition each, of the convolutions of a forward pass of one picture. Computed directly:
  /// Winograd's algorithm needs fewer. What norms and activations do a pixel is left out.
  std::int64_t multiply_adds = 0;
  /// Those of them in layers that read the picture itself. Training needs no gradient of a picture that is given.
  std::int64_t first_multiply_adds = 0;
  /// Numbers that one picture's forward pass keeps for backward, on a processor: see `costs_of`.
  std::int64_t kept = 0;
};

/// Whether the weights are trained. Frozen convolutions need not keep their inputs.
enum class Weights { trained, frozen };

/// The costs of a picture of this size. Throws `Error` for one that cannot pass.
///
/// Kept are the outputs, and each tensor once that a gradient reads:
/// - what a trained convolution, a norm or a pooling reads; a padded copy instead, where the padding is more on one
/// side
///   than on the other; a padded copy too, where the padding is a mirror image;
/// - the output of LeakyReLU and ReLU, the input of other activations, the output of tanh;
/// - what a norm keeps by itself (`NormEntry::kept`).
/// The picture itself is the batch's and does not count, nor do weights and their copies.
NetworkCosts costs_of(const NetworkGraph& graph, PictureSize picture, Weights weights = Weights::trained);

}  // namespace atelier
