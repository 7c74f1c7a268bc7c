#pragma once

#include "experiments/losses/loss_term.h"

namespace atelier {

/// Distances of the features of output and photo, weighted and added over layers.
struct ContentLoss {
  static constexpr Side side = Side::generator;
  double weight = 10;
  std::string layer = "conv4_4";
  std::vector<std::string> layers;    ///< Several instead of `layer`.
  std::vector<double> layer_weights;  ///< One a layer; empty: 1 each.
  std::string distance = "l1";

  void describe(Fields& fields) {
    fields.real("weight", weight, Range::at_least(0), "features of photo and output");
    fields.text("layer", layer, "feature layer, before its activation");
    fields.texts("layers", layers, "several instead of layer, their terms added");
    fields.reals("layer_weights", layer_weights, 0, Range::at_least(0), "one a layer; empty: 1 each");
    fields.choice("distance", distance, {"l1", "l2"}, "mean absolute or squared difference");
  }
  LossNeeds needs() const {
    return {.layers = layers.empty() ? std::vector{layer} : layers,
            .layers_key = layers.empty() ? "loss.content.layer" : "loss.content.layers",
            .targets = LossNeeds::Pictures::photo};
  }
  void check(const NetworkLayout& layout, const Document& document) const {
    check_layers(layout, needs().layers, needs().layers_key, layer_weights, "loss.content.layer_weights", document);
  }
  at::Tensor value(const LossContext& context) const;
};

}  // namespace atelier
