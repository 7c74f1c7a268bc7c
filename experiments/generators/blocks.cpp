#include "experiments/generators/blocks.h"

namespace atelier {

GeneratorBlocks::GeneratorBlocks(const GeneratorSpec& spec)
    : graph_("generator " + spec.kind),
      spec_(spec),
      norm_(norms().at(spec.norm)),
      activation_(activations().at(spec.activation).activation),
      padding_(spec.padding == "reflect" ? Padding::reflect : Padding::zero),
      photo_(graph_.input(3)) {}

GeneratorBlocks::Node GeneratorBlocks::convolution(Node from, const std::string& name, std::int64_t out,
                                                   std::int64_t stride) {
  return graph_.convolution(from, name, {.out = out, .stride = stride, .padding = padding_});
}

GeneratorBlocks::Node GeneratorBlocks::stem() {
  const Node x =
      graph_.convolution(photo_, "stem", {.out = spec_.width, .kernel = 7, .padding = padding_}, activation_);
  return graph_.norm(x, "stem_norm", norm_, activation_);
}

GeneratorBlocks::Node GeneratorBlocks::residual_block(Node from, const std::string& name) {
  const std::int64_t channels = graph_.channels(from);
  const Node inner = graph_.norm(convolution(from, name + ".conv1", channels), name + ".norm1", norm_, activation_);
  return graph_.norm(convolution(inner, name + ".conv2", channels), name + ".norm2", norm_, activation_, from);
}

GeneratorBlocks::Node GeneratorBlocks::inverted_residual_block(Node from, const std::string& name) {
  const std::int64_t channels = graph_.channels(from), wide = 2 * channels;
  Node x = graph_.convolution(from, name + ".expand", {.out = wide, .kernel = 1});
  x = graph_.norm(x, name + ".expand_norm", norm_, activation_);
  x = graph_.convolution(x, name + ".depthwise", {.out = wide, .padding = padding_, .groups = wide});
  x = graph_.norm(x, name + ".depthwise_norm", norm_, activation_);
  x = graph_.convolution(x, name + ".project", {.out = channels, .kernel = 1});
  return graph_.norm(x, name + ".project_norm", norm_, Activation::none, from);
}

GeneratorBlocks::Node GeneratorBlocks::strided_stage(Node from, const std::string& name, std::int64_t out) {
  const Node x = convolution(convolution(from, name + ".resize", out, /*stride=*/2), name + ".conv", out);
  return graph_.norm(x, name + ".norm", norm_, activation_);
}

GeneratorBlocks::Node GeneratorBlocks::growing_stage(Node from, const std::string& name, std::int64_t out,
                                                     std::optional<Node> skip) {
  const std::string resize = name + ".resize";
  Node x = spec_.upsample == "transposed" ? graph_.transposed(from, resize, out)
           : spec_.upsample == "bilinear" ? convolution(graph_.bilinear(from), resize, out)
                                          : convolution(graph_.nearest(from), resize, out);
  if (skip) x = graph_.concatenate({x, *skip});
  return graph_.norm(convolution(x, name + ".conv", out), name + ".norm", norm_, activation_);
}

NetworkGraph GeneratorBlocks::head(Node from) {
  const bool correction = spec_.output == "residual";
  const Node y = graph_.convolution(from, "head",
                                    {.out = 3,
                                     .kernel = 7,
                                     .padding = padding_,
                                     .initialization = Initialization::glorot_uniform,
                                     .gain = correction ? 0.01 : 1});
  graph_.output(correction ? graph_.add(photo_, y) : spec_.output == "tanh" ? graph_.unit_tanh(y) : y);
  return std::move(graph_);
}

}  // namespace atelier
