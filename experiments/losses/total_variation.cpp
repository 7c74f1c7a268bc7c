#include "experiments/losses/total_variation.h"

#include "experiments/losses/loss_context.h"

namespace atelier {

at::Tensor TotalVariationLoss::value(const LossContext& context) const { return total_variation(context.output); }

at::Tensor total_variation(const at::Tensor& image) {
  const std::int64_t h = image.size(2), w = image.size(3);
  const at::Tensor down = image.narrow(2, 1, h - 1) - image.narrow(2, 0, h - 1);
  const at::Tensor across = image.narrow(3, 1, w - 1) - image.narrow(3, 0, w - 1);
  return down.square().mean() + across.square().mean();
}

}  // namespace atelier
