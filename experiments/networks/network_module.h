#pragma once

#include <torch/nn/module.h>

#include <memory>
#include <vector>

#include "experiments/layers/network_context.h"
#include "experiments/networks/network_graph.h"

namespace atelier {

class Convolution;
class TransposedConvolution;
class Norm;

/// A network with weights, built from its graph. Parameters have the graph's names, in its order; first weights are
/// drawn in that order too.
class NetworkModule : public torch::nn::Module {
 public:
  NetworkModule(NetworkGraph graph, const NetworkContext& context);

  /// N x channels x H x W to the graph's outputs. Throws `Error` for a size that cannot pass.
  std::vector<at::Tensor> forward(const at::Tensor& picture);

  /// To be called once before each update, before its first `forward`, never in evaluation: moves what goes on from
  /// step to step, the power iterations of spectral normalisation. All passes of a step so see the same weights.
  void begin_step();

  /// Whether, while training, what comes out for one picture depends on the others of the batch.
  bool mixes_images() const { return graph_.mixes_images(); }

 private:
  using Kind = NetworkGraph::Layer::Kind;
  /// What computes a layer that has weights; one of them is set.
  struct Weighted {
    std::shared_ptr<Convolution> convolution;
    std::shared_ptr<TransposedConvolution> transposed;
    std::shared_ptr<Norm> norm;
  };
  /// Puts `module` where the dotted name says.
  template <class M>
  std::shared_ptr<M> place(const std::string& name, std::shared_ptr<M> module);
  at::Tensor compute(NetworkGraph::Node node, const std::vector<at::Tensor>& values) const;

  NetworkGraph graph_;
  std::vector<Weighted> weighted_;                       // one a layer
  std::vector<std::vector<NetworkGraph::Node>> unread_;  // of each layer: whose outputs nobody reads after it
};

}  // namespace atelier
