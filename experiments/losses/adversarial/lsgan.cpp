#include "experiments/losses/adversarial.h"

namespace atelier {

/// Squared distance to 1 and 0. Source: Mao et al., "Least squares generative adversarial networks", ICCV 2017, without
/// its factor 1/2.
const AdversarialLoss lsgan_loss{
    .real = [](const at::Tensor& logits) { return (logits - 1).square().mean(); },
    .fake = [](const at::Tensor& logits) { return logits.square().mean(); },
    .generator = [](const at::Tensor& logits) { return (logits - 1).square().mean(); },
    .border = [](const at::Tensor& real, const at::Tensor&) { return at::full({}, 0.5, real.options()); }};

}  // namespace atelier
