#pragma once

#include <optional>
#include <string>

#include "experiments/generators/generator_spec.h"
#include "experiments/networks/network_graph.h"

namespace atelier {

/// What generators are built of. All honour the spec's norm, activation, upsampling, padding and output.
class GeneratorBlocks {
 public:
  using Node = NetworkGraph::Node;
  explicit GeneratorBlocks(const GeneratorSpec& spec);

  /// The photograph, a 7x7 convolution to `width` channels and the norm, the activation after each.
  Node stem();

  /// Two 3x3 convolutions and the way around them: the shape stays. Each is followed by the norm; the activation comes
  /// after the first norm and after the sum.
  Node residual_block(Node from, const std::string& name);

  /// 1x1 to twice the channels, 3x3 on each channel alone, 1x1 back, and the way around them; each convolution is
  /// followed by the norm, the first two by the activation too. 2 * 2 C^2 + 9 * 2 C weights where the residual block
  /// has 18 C^2.
  ///
  /// Source: Sandler et al., "MobileNetV2: Inverted residuals and linear bottlenecks", CVPR 2018; the factor 2 is
  /// AnimeGANv2's.
  Node inverted_residual_block(Node from, const std::string& name);

  /// Half the size: a strided convolution, one more, the norm and the activation. There is no activation between the
  /// two convolutions.
  Node strided_stage(Node from, const std::string& name, std::int64_t out);

  /// The same to twice the size, in the way of `GeneratorSpec::upsample`. `skip`, of that size, joins before the second
  /// convolution.
  Node growing_stage(Node from, const std::string& name, std::int64_t out, std::optional<Node> skip = {});

  /// The last convolution, 7x7, to RGB, and what `GeneratorSpec::output` makes of it. Its weights begin Glorot-uniform;
  /// at a hundredth of that for a correction of the photograph, which so begins as it is. Returns
  /// the complete network.
  NetworkGraph head(Node from);

  /// The network so far, for layers that are no block.
  NetworkGraph& graph() { return graph_; }

 private:
  Node convolution(Node from, const std::string& name, std::int64_t out, std::int64_t stride = 1);

  NetworkGraph graph_;
  const GeneratorSpec& spec_;
  const NormEntry& norm_;
  Activation activation_;
  Padding padding_;
  Node photo_;
};

}  // namespace atelier
