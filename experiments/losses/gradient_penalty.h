#pragma once

#include <ATen/ATen.h>

#include <functional>

#include "experiments/losses/loss_context.h"

namespace atelier {

/// The gradient penalty of WGAN-GP: the mean over pairs of (|gradient of the critic at a point between them| - 1)^2,
/// which holds the critic's slope near 1. To be weighted by `loss.adversarial.penalty` and added to the discriminator's
/// loss.
///
/// `real`, `fake`: N x 3 x H x W. `mix`: N x 1 x 1 x 1 in [0, 1], the part of `real` in the point looked at; drawn by
/// the caller, so that the same step draws the same. The result, a number, can be differentiated for the
/// discriminator's weights, and only for them: neither picture gets a gradient.
///
/// The discriminator gives a map of logits, N x anything. The critic's value of a picture is the MEAN of its map, since
/// the mean is what the loss of "wgan-gp" compares between real and generated pictures; the slope that has to be 1 is
/// that of the quantity compared. (The gradient of the sum, which some programs take, is as many times larger as there
/// are patches.)
///
/// No layer may mix pictures of a batch, and all need a second derivative: make the discriminator with
/// `Kernels{.winograd = false, .fused_norm = false}`. Throws `Error` when the gradient does not depend on anything.
///
/// Source: Gulrajani et al., "Improved training of Wasserstein GANs", NeurIPS 2017, equation 3.
at::Tensor gradient_penalty(const std::function<at::Tensor(const at::Tensor&)>& discriminator, const at::Tensor& real,
                            const at::Tensor& fake, const at::Tensor& mix);

/// That of a step, between its anime and its output. Of several scales each has a slope of its own.
at::Tensor gradient_penalty(const LossContext& context);

}  // namespace atelier
