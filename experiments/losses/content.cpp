#include "experiments/losses/content.h"

#include "experiments/losses/loss_context.h"
#include "experiments/losses/perceptual.h"

namespace atelier {

at::Tensor ContentLoss::value(const LossContext& context) const {
  return atelier::distance(distance, needs().layers, layer_weights, context.features, context.target);
}

}  // namespace atelier
