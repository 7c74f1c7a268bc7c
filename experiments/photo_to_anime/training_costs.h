#pragma once

#include <string>
#include <vector>

#include "experiments/networks/network_costs.h"
#include "experiments/photo_to_anime/spec.h"

namespace atelier {

/// What a training of photographs to anime takes, counted on the graphs of its networks.
struct TrainingCosts {
  struct Network {
    std::string name;    ///< For instance "generator residual".
    NetworkCosts costs;  ///< Of one picture of `data.crop`; of the feature network up to the deepest layer in use.
  };
  std::vector<Network> networks;  ///< Generator, discriminator and, where a loss uses it, the feature network.
  std::int64_t micro_batch = 1;   ///< Photos that pass at once on one rank.
  std::int64_t bytes = 4;         ///< Of one number that is kept until backward.
  std::int64_t patch = 0;         ///< Side of the patch that a logit judges, in pixels.
  double step_flop = 0;           ///< Floating-point operations of a step over the whole batch, on all ranks.
  double target_flop = 0;         ///< Those that computing the targets adds, where no cache holds them.
  double pretraining_flop = 0;    ///< Of a step of the pretraining; 0 where there is none.
  double pretraining_target_flop = 0;
};

/// A multiply-add is two operations. With F of a forward pass and f of those of its layers that read the picture,
/// - a trained network takes F forward, F for the gradient of its weights, F - f for that of its inner layers, and f
///   for that of the picture where another network made it;
/// - the frozen feature network takes F forward and F for the gradient of the generated picture;
/// - the discriminator passes generated, real and smoothed pictures, and hands the generator a gradient of F;
/// - the gradient penalty takes F forward, F for the gradient that it penalises, and 4 F for the gradient of that.
/// Norms, activations, losses and updates are left out: they are bound by memory. Targets are features of each photo
/// for content, and of each anime picture for style.
TrainingCosts training_costs(const PhotoToAnimeSpec& spec);

}  // namespace atelier
