#include "experiments/photo_to_anime/training_costs.h"

#include <algorithm>

#include "experiments/features/layout.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// Floating-point operations of a network's passes over one picture.
struct Passes {
  explicit Passes(const NetworkCosts& costs)
      : forward(2 * static_cast<double>(costs.multiply_adds)),
        first(2 * static_cast<double>(costs.first_multiply_adds)) {}
  double forward, first;
  /// Forward, and backward to the weights.
  double trained() const { return 3 * forward - first; }
  /// Forward, and backward to the picture alone.
  double passed_through() const { return 2 * forward; }
};

}  // namespace

TrainingCosts training_costs(const PhotoToAnimeSpec& spec) {
  const PictureSize picture{spec.data.crop, spec.data.crop};
  TrainingCosts result;
  const auto add = [&](const NetworkGraph& graph, Weights weights) {
    result.networks.push_back({graph.name(), costs_of(graph, picture, weights)});
    return Passes(result.networks.back().costs);
  };
  const Passes generator = add(generator_graph(spec.generator), Weights::trained);
  const Passes discriminator = add(discriminator_graph(spec.discriminator), Weights::trained);
  Passes features{NetworkCosts{}};
  if (const std::vector<std::string> layers = training_layers(spec); !layers.empty()) {
    features = add(feature_graph(feature_networks().at(spec.features.network), layers), Weights::frozen);
  }
  result.micro_batch = std::max<std::int64_t>(1, spec.data.batch / spec.train.accumulate);
  result.bytes = spec.train.precision == "bf16" ? 2 : 4;
  result.patch = judged_patch(spec.discriminator);

  bool matches = false, smooths = false;
  double targets = 0, outputs = 0;
  each_term(spec.loss, [&](std::string_view, const auto& term) {
    if (!exists(term)) return;
    const LossNeeds needs = needs_of(term);
    matches |= !needs.layers.empty();
    smooths |= needs.smoothed;
    targets += needs.targets != LossNeeds::Pictures::none ? 1 : 0;
    outputs += needs.another_output ? 1 : 0;
  });
  const bool joint = spec.train.update == "joint";
  const auto updates = static_cast<double>(spec.train.discriminator_steps);
  const bool penalised = spec.loss.adversarial.penalizes();

  const double judged = (smooths ? 3 : 2) * discriminator.trained() + (penalised ? 6 * discriminator.forward : 0);
  const double matched = matches ? features.passed_through() : 0;
  const double again = outputs * generator.trained();
  // An update of the discriminator alone generates its pictures first, without a gradient. Where both networks are
  // updated jointly, the discriminator's pass over what was generated serves both.
  const double alone = joint ? updates - 1 : updates;
  const double answered = joint ? discriminator.forward : discriminator.passed_through();
  double flop = alone * (generator.forward + judged);
  flop += generator.trained() + answered + matched + again + (joint ? judged : 0);
  const auto batch = static_cast<double>(spec.data.batch);
  result.step_flop = batch * flop;
  result.target_flop = batch * features.forward * targets;
  if (pretrains(spec)) {
    result.pretraining_flop = batch * (generator.trained() + features.passed_through());
    result.pretraining_target_flop = batch * features.forward;
  }
  return result;
}

std::string PhotoToAnimeSpec::costs() const {
  const TrainingCosts costs = training_costs(*this);
  std::string text = format("{:<28} {:>12} {:>14} {:>22}\n", "network", "parameters", "forward", "kept for backward");
  for (const TrainingCosts::Network& network : costs.networks) {
    const auto kept = static_cast<double>(network.costs.kept * costs.bytes * costs.micro_batch);
    text += format("{:<28} {:>10.2f} M {:>9.2f} GMAC {:>19.1f} MB\n", network.name,
                   static_cast<double>(network.costs.parameters) / 1e6,
                   static_cast<double>(network.costs.multiply_adds) / 1e9, kept / 1e6);
  }
  text += format("\nforward: one picture of {0} x {0} pixels; kept: of {1} at once, the micro-batch of one rank\n",
                 data.crop, costs.micro_batch);
  text += format("a logit judges a patch of {} pixels\n", costs.patch);
  const auto add_step = [&](const char* name, double flop, double targets) {
    if (flop == 0) return;
    text += format("a step of {}: {:.0f} GFLOP", name, flop / 1e9);
    if (targets > 0) text += format(", {:.0f} while the targets are not in the cache", (flop + targets) / 1e9);
    text += "\n";
  };
  add_step("training", costs.step_flop, costs.target_flop);
  add_step("pretraining", costs.pretraining_flop, costs.pretraining_target_flop);
  return text +
         "counted: convolutions, 2 operations a multiply-add; not Winograd's savings, nor norms, losses, updates\n";
}

}  // namespace atelier
