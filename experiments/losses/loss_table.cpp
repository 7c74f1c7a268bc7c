#include "experiments/losses/loss_table.h"

#include "experiments/losses/gradient_penalty.h"
#include "framework/training/optimizer.h"

namespace atelier {

LossTable::LossTable(const LossSpec& spec, Side side) : side_(side) {
  const auto add = [&](std::string name, double weight, std::function<at::Tensor(const LossContext&)> value) {
    rows_.push_back({.name = std::move(name), .weight = weight, .needs = {}, .value = std::move(value), .target = {}});
  };
  if (side == Side::generator) {
    add("adversarial", spec.adversarial.weight, [](const LossContext& context) {
      return mean_over_scales(context.adversarial->generator, context.output_logits);
    });
  } else {
    add("real", 1,
        [](const LossContext& context) { return mean_over_scales(context.adversarial->real, context.real_logits); });
    add("fake", 1,
        [](const LossContext& context) { return mean_over_scales(context.adversarial->fake, context.output_logits); });
  }
  each_term(spec, [&](std::string_view name, const auto& term) {
    if (term.side == side && exists(term)) rows_.push_back(make_row(name, term));
  });
  if (side == Side::discriminator && spec.adversarial.penalizes()) {
    add("penalty", spec.adversarial.penalty, [](const LossContext& context) { return gradient_penalty(context); });
    rows_.back().needs.mix = true;
  }
}

std::vector<std::string> LossTable::names() const {
  const std::string prefix = side_ == Side::generator ? "generator." : "discriminator.";
  std::vector<std::string> names;
  for (const LossRow& row : rows_) names.push_back(prefix + row.name);
  names.push_back(prefix + "total");
  return names;
}

at::Tensor LossTable::weights(const at::Tensor& like) const {
  std::vector<double> weights;
  for (const LossRow& row : rows_) weights.push_back(row.weight);
  return scalars_like(weights, like);
}

std::vector<at::Tensor> LossTable::values(LossContext& context, const std::map<std::string, Features>& targets,
                                          const at::Tensor& weights,
                                          const std::function<Features(const at::Tensor&)>& features_of) const {
  std::vector<at::Tensor> values;
  at::Tensor total;
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    const LossRow& row = rows_[i];
    if (!row.needs.layers.empty() && context.features.empty()) context.features = features_of(context.output);
    const auto target = targets.find(row.name);
    context.target = target == targets.end() ? Features() : target->second;
    values.push_back(row.value(context));
    // A tensor of the loss's own type: two numbers of different types would give the wider one.
    const at::Tensor weight = weights[static_cast<std::int64_t>(i)].to(values.back().scalar_type());
    const at::Tensor weighted = weight * values.back();
    total = total.defined() ? total + weighted : weighted;
  }
  // Backward frees what it has passed.
  context.features.clear();
  context.target.clear();
  values.push_back(total);
  return values;
}

}  // namespace atelier
