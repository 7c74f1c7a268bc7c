#include "experiments/losses/identity.h"

#include "experiments/losses/loss_context.h"

namespace atelier {

at::Tensor IdentityLoss::value(const LossContext& context) const {
  return (context.generate(context.anime) - context.anime).abs().mean();
}

}  // namespace atelier
