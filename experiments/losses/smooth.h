#pragma once

#include "experiments/losses/loss_term.h"

namespace atelier {

/// Anime whose edges were smoothed counts as fake, so that the generator has to draw edges. Source: Chen, Lai and Liu,
/// "CartoonGAN", CVPR 2018, equation 3.
struct SmoothLoss {
  static constexpr Side side = Side::discriminator;
  double weight = 1;

  void describe(Fields& fields) {
    fields.real("weight", weight, Range::at_least(0), "edge-smoothed anime counts as fake");
  }
  LossNeeds needs() const { return {.smoothed = true}; }
  at::Tensor value(const LossContext& context) const;
};

}  // namespace atelier
