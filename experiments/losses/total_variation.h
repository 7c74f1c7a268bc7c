#pragma once

#include "experiments/losses/loss_term.h"

namespace atelier {

/// `total_variation` of the output.
struct TotalVariationLoss {
  static constexpr Side side = Side::generator;
  double weight = 0;

  void describe(Fields& fields) { fields.real("weight", weight, Range::at_least(0), "total variation of the output"); }
  at::Tensor value(const LossContext& context) const;
};

/// Mean squared difference of neighbours, down and across: total variation as AnimeGANv2 has it, up to a constant
/// factor. `image`: N x C x H x W.
at::Tensor total_variation(const at::Tensor& image);

}  // namespace atelier
