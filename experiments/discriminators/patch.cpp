#include "experiments/discriminators/patch.h"

namespace atelier {

NetworkGraph::Node add_patch_discriminator(NetworkGraph& graph, NetworkGraph::Node picture, const std::string& block,
                                           const DiscriminatorSpec& spec) {
  const NormEntry& norm = norms().at(spec.norm);
  const std::int64_t w = spec.width;
  NetworkGraph::Node x = picture;
  int number = 0;
  const auto convolution = [&](std::int64_t out, std::int64_t stride, Activation activation) {
    x = graph.convolution(x, block + "conv" + std::to_string(++number),
                          {.out = out, .stride = stride, .spectral = spec.spectral}, activation);
  };
  const auto normed = [&](std::int64_t out) {
    convolution(out, 1, Activation::none);
    x = graph.norm(x, block + "norm" + std::to_string(number), norm, Activation::leaky_relu);
  };
  convolution(w, 1, Activation::leaky_relu);
  convolution(2 * w, 2, Activation::leaky_relu);
  normed(4 * w);
  convolution(4 * w, 2, Activation::leaky_relu);
  for (std::int64_t i = 0; i < 2 + 2 * (spec.depth - 2); ++i) normed(8 * w);
  convolution(1, 1, Activation::none);
  return x;
}

NetworkGraph patch_discriminator(const DiscriminatorSpec& spec) {
  NetworkGraph graph("discriminator " + spec.kind);
  graph.output(add_patch_discriminator(graph, graph.input(3), "", spec));
  return graph;
}

}  // namespace atelier
