#include "experiments/losses/smooth.h"

#include "experiments/losses/loss_context.h"

namespace atelier {

at::Tensor SmoothLoss::value(const LossContext& context) const {
  return mean_over_scales(context.adversarial->fake, context.smoothed_logits);
}

}  // namespace atelier
