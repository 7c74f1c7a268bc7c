#pragma once

#include "experiments/losses/loss_term.h"

namespace atelier {

/// Distances of the Gram matrices of output and anime, weighted and added over layers.
struct StyleLoss {
  static constexpr Side side = Side::generator;
  double weight = 1;
  std::vector<std::string> layers{"conv4_4"};
  std::vector<double> layer_weights;  ///< One a layer; empty: 1 each.
  std::string distance = "l1";
  std::string gram = "hwc";  ///< F^T F is divided by H W C or by H W.

  void describe(Fields& fields) {
    fields.real("weight", weight, Range::at_least(0), "Gram matrices of anime and output");
    fields.texts("layers", layers, "feature layers, their terms added");
    fields.reals("layer_weights", layer_weights, 0, Range::at_least(0), "one a layer; empty: 1 each");
    fields.choice("distance", distance, {"l1", "l2"}, "mean absolute or squared difference");
    fields.choice("gram", gram, {"hwc", "hw"}, "Gram matrices are divided by H W C or by H W");
  }
  LossNeeds needs() const {
    return {.layers = layers,
            .layers_key = "loss.style.layers",
            .targets = LossNeeds::Pictures::anime,
            .targets_form = gram};
  }
  void check(const NetworkLayout& layout, const Document& document) const {
    check_layers(layout, layers, "loss.style.layers", layer_weights, "loss.style.layer_weights", document);
  }
  /// The Gram matrices that it compares, of its layers alone. `features` may hold more.
  Features target(const Features& features) const;
  at::Tensor value(const LossContext& context) const;
};

}  // namespace atelier
