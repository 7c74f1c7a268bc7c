#include "experiments/losses/loss_spec.h"

#include <algorithm>

#include "framework/core/format.h"

namespace atelier {
namespace {

constexpr AdversarialEntry entries[] = {
#define ATELIER_ADVERSARIAL(name, loss, has_penalty, summary) {name, summary, has_penalty},
#include "experiments/losses/adversarial.def"
#undef ATELIER_ADVERSARIAL
};
constexpr Catalog<AdversarialEntry> kinds("adversarial loss", entries);

}  // namespace

const Catalog<AdversarialEntry>& adversarial_kinds() { return kinds; }

void describe(Fields& fields, LossSpec& loss) {
  fields.begin("loss");
  fields.begin("adversarial");
  fields.choice("kind", loss.adversarial.kind, kinds.names(), "form of the adversarial loss");
  fields.real("weight", loss.adversarial.weight, Range::at_least(0), "in the generator's loss");
  fields.real("penalty", loss.adversarial.penalty, Range::at_least(0), "weight of wgan-gp's gradient penalty");
  fields.end();
  each_term(loss, [&](std::string_view name, auto& term) {
    fields.begin(name);
    term.describe(fields);
    fields.end();
  });
  fields.end();
}

void check_layers(const NetworkLayout& layout, const std::vector<std::string>& layers, const std::string& layers_key,
                  const std::vector<double>& weights, const std::string& weights_key, const Document& document) {
  for (const std::string& layer : layers) check_layer(layout, layer, layers_key, document);
  if (weights.empty() || weights.size() == layers.size()) return;
  throw spec_error(document.place_of(weights_key),
                   format("{} has {} numbers for {} layers", weights_key, weights.size(), layers.size()));
}

void check(const LossSpec& loss, const NetworkLayout& layout, const Document& document) {
  each_term(loss, [&](std::string_view name, const auto& term) {
    const LossNeeds needs = needs_of(term);
    if (exists(term) && !needs.layers_key.empty() && needs.layers.empty()) {
      throw spec_error(document.place_of(needs.layers_key),
                       format("{} is empty; name a layer, or set loss.{}.weight to 0", needs.layers_key, name));
    }
    if constexpr (requires { term.check(layout, document); }) term.check(layout, document);
  });
}

std::string_view term_that_needs_smoothed(const LossSpec& loss) {
  std::string_view found;
  each_term(loss, [&](std::string_view name, const auto& term) {
    if (found.empty() && exists(term) && needs_of(term).smoothed) found = name;
  });
  return found;
}

std::string key_that_uses(const LossSpec& loss, std::string_view layer) {
  std::string key;
  each_term(loss, [&](std::string_view, const auto& term) {
    const LossNeeds needs = needs_of(term);
    if (key.empty() && exists(term) && std::ranges::count(needs.layers, layer) > 0) key = needs.layers_key;
  });
  return key;
}

}  // namespace atelier
