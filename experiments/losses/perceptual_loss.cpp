#include "experiments/losses/perceptual_loss.h"

#include "experiments/losses/perceptual.h"
#include "framework/core/error.h"

namespace atelier {
namespace {

at::Tensor weighted_distances(const std::string& kind, const std::vector<std::string>& layers,
                              const std::vector<double>& weights, const Features& a, const Features& b) {
  if (layers.empty()) throw Error("a distance of features needs a layer");
  at::Tensor sum;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const at::Tensor term = layer_weight(weights, i) * distance(kind, a.at(layers[i]), b.at(layers[i]));
    sum = sum.defined() ? sum + term : term;
  }
  return sum;
}

}  // namespace

at::Tensor content_distance(const LossSpec::Content& spec, const Features& output, const Features& photo) {
  return weighted_distances(spec.distance, spec.names(), spec.layer_weights, output, photo);
}

Grams gram_matrices(const LossSpec::Style& spec, const Features& features) {
  Grams grams;
  for (const std::string& layer : spec.layers) grams[layer] = gram_matrix(features.at(layer), spec.gram);
  return grams;
}

at::Tensor style_distance(const LossSpec::Style& spec, const Features& output, const Grams& target) {
  return weighted_distances(spec.distance, spec.layers, spec.layer_weights, gram_matrices(spec, output), target);
}

}  // namespace atelier
