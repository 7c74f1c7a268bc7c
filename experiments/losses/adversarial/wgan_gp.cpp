#include "experiments/losses/adversarial.h"

namespace atelier {

/// Difference of means, with `gradient_penalty`. Source: Gulrajani et al., "Improved training of Wasserstein GANs",
/// NeurIPS 2017, equation 3. It has no border of its own: that is halfway between the two means.
const AdversarialLoss wgan_gp_loss{
    .real = [](const at::Tensor& logits) { return -logits.mean(); },
    .fake = [](const at::Tensor& logits) { return logits.mean(); },
    .generator = [](const at::Tensor& logits) { return -logits.mean(); },
    .border = [](const at::Tensor& real, const at::Tensor& fake) { return (real.mean() + fake.mean()) / 2; }};

}  // namespace atelier
