#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <vector>

#include "experiments/losses/adversarial.h"
#include "experiments/losses/loss_term.h"

namespace atelier {

/// One micro-batch of a step as terms of losses see it, in the precision of losses. What no term needs may be
/// undefined or empty.
struct LossContext {
  at::Tensor photo, anime;                  ///< N x 3 x H x W, RGB in [0, 1].
  at::Tensor output;                        ///< The generator's, of `photo`.
  Features features;                        ///< Of the output, at the layers of all terms.
  Features target;                          ///< What the present term holds them against.
  std::vector<at::Tensor> real_logits;      ///< The discriminator's of the anime, scale by scale.
  std::vector<at::Tensor> output_logits;    ///< Of the output.
  std::vector<at::Tensor> smoothed_logits;  ///< Of the smoothed anime.
  at::Tensor mix;                           ///< N x 1 x 1 x 1 in [0, 1): a random point between two pictures each.
  const AdversarialLoss* adversarial = nullptr;
  std::function<at::Tensor(const at::Tensor&)> generate;            ///< Another pass of the generator.
  std::function<std::vector<at::Tensor>(const at::Tensor&)> judge;  ///< Another pass of the discriminator: its logits.
};

}  // namespace atelier
