#include "experiments/discriminators/discriminator_spec.h"

#include "framework/core/format.h"

namespace atelier {

// What describes each stands in a file of its own.
#define ATELIER_DISCRIMINATOR(name, describe, summary) NetworkGraph describe(const DiscriminatorSpec& spec);
#include "experiments/discriminators/catalog.def"
#undef ATELIER_DISCRIMINATOR

const Catalog<DiscriminatorEntry>& discriminators() {
  static constexpr DiscriminatorEntry entries[] = {
#define ATELIER_DISCRIMINATOR(name, describe, summary) {name, summary, describe},
#include "experiments/discriminators/catalog.def"
#undef ATELIER_DISCRIMINATOR
  };
  static constexpr Catalog<DiscriminatorEntry> catalog("discriminator", entries);
  return catalog;
}

NetworkGraph discriminator_graph(const DiscriminatorSpec& spec) { return discriminators().at(spec.kind).graph(spec); }

std::int64_t judged_patch(const DiscriminatorSpec& spec) {
  const NetworkGraph graph = discriminator_graph(spec);
  return receptive_field_of(graph, graph.outputs().front());
}

void describe(Fields& fields, DiscriminatorSpec& spec) {
  static const std::string patches =
      format("2, 3 or 4: it judges patches of {}, {} or {} pixels", judged_patch({.width = 1, .depth = 2}),
             judged_patch({.width = 1, .depth = 3}), judged_patch({.width = 1, .depth = 4}));
  fields.begin("discriminator");
  fields.choice("kind", spec.kind, discriminators().names(), "architecture");
  fields.integer("width", spec.width, {1, 1024}, "channels after the first layer");
  fields.choice("norm", spec.norm, norms().names(), "normalisation");
  fields.integer("depth", spec.depth, {2, 4}, patches);
  fields.boolean("spectral", spec.spectral, "spectral normalisation of the weights");
  fields.integer("scales", spec.scales, {1, 4}, "discriminators of multi-scale, each at half the size");
  fields.end();
}

}  // namespace atelier
