#include "experiments/losses/style.h"

#include "experiments/losses/loss_context.h"
#include "experiments/losses/perceptual.h"

namespace atelier {

Features StyleLoss::target(const Features& features) const {
  Features grams;
  for (const std::string& layer : layers) grams[layer] = gram_matrix(features.at(layer), gram);
  return grams;
}

at::Tensor StyleLoss::value(const LossContext& context) const {
  return atelier::distance(distance, layers, layer_weights, target(context.features), context.target);
}

}  // namespace atelier
