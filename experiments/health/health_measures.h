#pragma once

#include <ATen/ATen.h>

#include <string>

namespace atelier {

// What shows that a training is sick, each as a tensor of one number that has not been read: nothing here waits for a
// device. `HealthMonitor` judges them.

/// `health.discriminator_lead`: the share of patches that the discriminator tells apart, the mean of that of real and
/// that of generated pictures; 1: all, 0.5: it guesses. A logit counts as "real" above what the loss `kind` makes the
/// border: 0 for "bce" and "hinge", 0.5 for "lsgan"; "wgan-gp" has no border of its own, so there it is halfway between
/// the two means. Throws `Error` for another kind.
at::Tensor discriminator_lead(const at::Tensor& real, const at::Tensor& fake, const std::string& kind);

/// `health.output_change`: mean absolute difference of output (as shown: clamped to [0, 1]) and photo, N x 3 x H x W.
at::Tensor output_change(const at::Tensor& output, const at::Tensor& photo);

/// `health.output_spread`: the mean absolute difference between the outputs (as shown) of different photos, over all
/// pairs, divided by that between the photos; 0: every photo gives the same output. N x 3 x H x W, in [0, 1]. 1 when
/// the photos are the same themselves. Throws `Error` for fewer than two.
at::Tensor output_spread(const at::Tensor& outputs, const at::Tensor& photos);

}  // namespace atelier
