#include "experiments/losses/adversarial.h"

namespace atelier {

/// Cross-entropy with logits, non-saturating. Source: Goodfellow et al., "Generative adversarial nets", NeurIPS 2014.
const AdversarialLoss bce_loss{
    .real = [](const at::Tensor& logits) { return at::softplus(-logits).mean(); },
    .fake = [](const at::Tensor& logits) { return at::softplus(logits).mean(); },
    .generator = [](const at::Tensor& logits) { return at::softplus(-logits).mean(); },
    .border = [](const at::Tensor& real, const at::Tensor&) { return at::zeros({}, real.options()); }};

}  // namespace atelier
