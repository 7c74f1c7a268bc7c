#include "experiments/losses/gradient_penalty.h"

#include <torch/csrc/autograd/autograd.h>

#include "framework/core/error.h"

namespace atelier {

at::Tensor gradient_penalty(const std::function<at::Tensor(const at::Tensor&)>& discriminator, const at::Tensor& real,
                            const at::Tensor& fake, const at::Tensor& mix) {
  const at::Tensor between = (mix * real.detach() + (1 - mix) * fake.detach()).requires_grad_();
  // Each picture's value depends on that picture alone, so the gradient of their sum is each one's own.
  const at::Tensor values = discriminator(between).flatten(1).mean(1);
  const at::Tensor gradient =
      torch::autograd::grad({values.sum()}, {between}, {}, /*retain_graph=*/true, /*create_graph=*/true).front();
  if (!gradient.requires_grad())
    throw Error("the gradient penalty needs a discriminator whose layers have a second derivative");
  // The root has no derivative at 0, where a discriminator that has just been switched off may be.
  const at::Tensor slope = (gradient.flatten(1).square().sum(1) + 1e-12).sqrt();
  return (slope - 1).square().mean();
}

at::Tensor gradient_penalty(const LossContext& context) {
  const auto critic = [&](const at::Tensor& x) {
    std::vector<at::Tensor> means;
    for (const at::Tensor& scale : context.judge(x)) means.push_back(scale.flatten(1).mean(1));
    return at::stack(means, 1);
  };
  return gradient_penalty(critic, context.anime, context.output, context.mix);
}

}  // namespace atelier
