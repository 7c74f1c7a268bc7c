#include "experiments/losses/adversarial.h"

#include "framework/core/error.h"

namespace atelier {

AdversarialLoss::AdversarialLoss(const std::string& kind) {
  if (kind == "bce") {
    kind_ = Kind::bce;
  } else if (kind == "lsgan") {
    kind_ = Kind::lsgan;
  } else if (kind == "hinge") {
    kind_ = Kind::hinge;
  } else {
    throw Error("there is no adversarial loss " + kind);
  }
}

at::Tensor AdversarialLoss::real(const at::Tensor& logits) const {
  switch (kind_) {
    case Kind::bce: return at::softplus(-logits).mean();
    case Kind::lsgan: return (logits - 1).square().mean();
    case Kind::hinge: return at::relu(1 - logits).mean();
  }
  throw Error("unreachable");
}

at::Tensor AdversarialLoss::fake(const at::Tensor& logits) const {
  switch (kind_) {
    case Kind::bce: return at::softplus(logits).mean();
    case Kind::lsgan: return logits.square().mean();
    case Kind::hinge: return at::relu(1 + logits).mean();
  }
  throw Error("unreachable");
}

at::Tensor AdversarialLoss::generator(const at::Tensor& logits) const {
  return kind_ == Kind::hinge ? -logits.mean() : real(logits);
}

}  // namespace atelier
