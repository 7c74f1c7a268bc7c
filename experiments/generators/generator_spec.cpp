#include "experiments/generators/generator_spec.h"

namespace atelier {

// What describes each stands in a file of its own.
#define ATELIER_GENERATOR(name, describe, summary) NetworkGraph describe(const GeneratorSpec& spec);
#include "experiments/generators/catalog.def"
#undef ATELIER_GENERATOR

const Catalog<GeneratorEntry>& generators() {
  static constexpr GeneratorEntry entries[] = {
#define ATELIER_GENERATOR(name, describe, summary) {name, summary, describe},
#include "experiments/generators/catalog.def"
#undef ATELIER_GENERATOR
  };
  static constexpr Catalog<GeneratorEntry> catalog("generator", entries);
  return catalog;
}

NetworkGraph generator_graph(const GeneratorSpec& spec) { return generators().at(spec.kind).graph(spec); }

void describe(Fields& fields, GeneratorSpec& spec) {
  fields.begin("generator");
  fields.choice("kind", spec.kind, generators().names(), "architecture");
  fields.integer("width", spec.width, {1, 1024}, "channels after the stem");
  fields.integer("blocks", spec.blocks, {0, 64}, "residual blocks");
  fields.choice("norm", spec.norm, norms().names(), "normalisation; \"layer\" is over the whole image");
  fields.choice("activation", spec.activation, activations().names(), "after convolutions and norms");
  fields.choice("upsample", spec.upsample, {"transposed", "nearest", "bilinear"}, "how the picture grows again");
  fields.choice("padding", spec.padding, {"zero", "reflect"}, "what lies beyond the border");
  fields.choice("output", spec.output, {"linear", "tanh", "residual"},
                "the last layer; residual: the photo plus a correction");
  fields.end();
}

}  // namespace atelier
