#include "experiments/discriminators/patch.h"

namespace atelier {

/// `scales` patch discriminators with weights of their own; the first sees the picture, each next one the means of 2x2
/// pixels of what the one before saw, and so a field twice as wide.
///
/// Source: Wang et al., "High-resolution image synthesis and semantic manipulation with conditional GANs", CVPR 2018
/// (pix2pixHD), section 3.2.
NetworkGraph multi_scale_discriminator(const DiscriminatorSpec& spec) {
  NetworkGraph graph("discriminator " + spec.kind);
  NetworkGraph::Node x = graph.input(3);
  for (std::int64_t i = 1; i <= spec.scales; ++i) {
    if (i > 1) x = graph.average_pool(x);
    graph.output(add_patch_discriminator(graph, x, "scale" + std::to_string(i) + ".", spec));
  }
  return graph;
}

}  // namespace atelier
