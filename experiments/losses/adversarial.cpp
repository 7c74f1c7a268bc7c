#include "experiments/losses/adversarial.h"

#include "framework/core/error.h"

namespace atelier {

AdversarialLoss::AdversarialLoss(const std::string& kind) {
#define ATELIER_ADVERSARIAL(known, enumerator, summary) \
  if (kind == known) {                                  \
    kind_ = Kind::enumerator;                           \
    return;                                             \
  }
#include "experiments/losses/adversarial.def"
#undef ATELIER_ADVERSARIAL
  throw Error("there is no adversarial loss " + kind);
}

at::Tensor AdversarialLoss::real(const at::Tensor& logits) const {
  switch (kind_) {
    case Kind::bce:
      return at::softplus(-logits).mean();
    case Kind::lsgan:
      return (logits - 1).square().mean();
    case Kind::hinge:
      return at::relu(1 - logits).mean();
    case Kind::wgan_gp:
      return -logits.mean();
  }
  throw Error("unreachable");
}

at::Tensor AdversarialLoss::fake(const at::Tensor& logits) const {
  switch (kind_) {
    case Kind::bce:
      return at::softplus(logits).mean();
    case Kind::lsgan:
      return logits.square().mean();
    case Kind::hinge:
      return at::relu(1 + logits).mean();
    case Kind::wgan_gp:
      return logits.mean();
  }
  throw Error("unreachable");
}

at::Tensor AdversarialLoss::generator(const at::Tensor& logits) const {
  return kind_ == Kind::hinge || kind_ == Kind::wgan_gp ? -logits.mean() : real(logits);
}

}  // namespace atelier
