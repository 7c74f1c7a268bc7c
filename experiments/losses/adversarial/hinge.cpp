#include "experiments/losses/adversarial.h"

namespace atelier {

/// Sources: Lim and Ye, "Geometric GAN", 2017; Miyato et al., "Spectral normalization for generative adversarial
/// networks", ICLR 2018, equations 16 and 17.
const AdversarialLoss hinge_loss{
    .real = [](const at::Tensor& logits) { return at::relu(1 - logits).mean(); },
    .fake = [](const at::Tensor& logits) { return at::relu(1 + logits).mean(); },
    .generator = [](const at::Tensor& logits) { return -logits.mean(); },
    .border = [](const at::Tensor& real, const at::Tensor&) { return at::zeros({}, real.options()); }};

}  // namespace atelier
