#pragma once

#include <ATen/ATen.h>

#include <string>

namespace atelier {

/// What the two networks want of the discriminator's logits, as means over all of them.
///
/// bce: cross-entropy with logits (Goodfellow et al. 2014, non-saturating). lsgan: squared distance to 1 and 0 (Mao et
/// al., ICCV 2017, without its factor 1/2). hinge: Lim and Ye 2017, Miyato et al. 2018.
class AdversarialLoss {
 public:
  explicit AdversarialLoss(const std::string& kind);  ///< Throws `Error` for an unknown kind.

  at::Tensor real(const at::Tensor& logits) const;       ///< Discriminator, on real pictures.
  at::Tensor fake(const at::Tensor& logits) const;       ///< Discriminator, on generated or smoothed ones.
  at::Tensor generator(const at::Tensor& logits) const;  ///< Generator, on its own pictures.

 private:
  enum class Kind { bce, lsgan, hinge, wgan_gp } kind_;
};

}  // namespace atelier
