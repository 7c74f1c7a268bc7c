#pragma once

#include "experiments/losses/loss_term.h"

namespace atelier {

/// Mean absolute difference of anime and what the generator makes of it.
struct IdentityLoss {
  static constexpr Side side = Side::generator;
  double weight = 0;

  void describe(Fields& fields) {
    fields.real("weight", weight, Range::at_least(0), "anime through the generator stays itself");
  }
  LossNeeds needs() const { return {.another_output = true}; }
  at::Tensor value(const LossContext& context) const;
};

}  // namespace atelier
