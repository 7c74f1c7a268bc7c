#pragma once

#include <ATen/ATen.h>

#include <string_view>
#include <vector>

namespace atelier {

/// What the two networks want of the discriminator's logits, as means over all of them. Each kind is a file of
/// `losses/adversarial` and a line of `adversarial.def`.
struct AdversarialLoss {
  using OfLogits = at::Tensor (*)(const at::Tensor& logits);

  OfLogits real;       ///< Discriminator, on real pictures.
  OfLogits fake;       ///< Discriminator, on generated or smoothed ones.
  OfLogits generator;  ///< Generator, on its own pictures.
  /// A logit above it counts as "real": a number, from the logits of real and of generated pictures.
  at::Tensor (*border)(const at::Tensor& real, const at::Tensor& fake);
};

#define ATELIER_ADVERSARIAL(name, loss, has_penalty, summary) extern const AdversarialLoss loss;
#include "experiments/losses/adversarial.def"
#undef ATELIER_ADVERSARIAL

/// Throws `UsageError` for a name that is not in `adversarial.def`.
const AdversarialLoss& adversarial_loss(std::string_view kind);

/// The mean over the scales of a discriminator.
at::Tensor mean_over_scales(AdversarialLoss::OfLogits loss, const std::vector<at::Tensor>& logits);

/// `health.discriminator_lead`: the share of patches that the discriminator tells apart, the mean of that of real and
/// that of generated pictures; 1: all, 0.5: it guesses. A number that has not been read: nothing here waits for a
/// device.
at::Tensor discriminator_lead(const AdversarialLoss& loss, const at::Tensor& real, const at::Tensor& fake);

}  // namespace atelier
