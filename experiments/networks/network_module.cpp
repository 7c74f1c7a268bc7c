#include "experiments/networks/network_module.h"

#include <algorithm>

#include "experiments/layers/activate.h"
#include "experiments/layers/convolution.h"
#include "experiments/layers/normalization.h"
#include "experiments/layers/spectral_norm.h"
#include "framework/core/error.h"

namespace atelier {

NetworkModule::NetworkModule(NetworkGraph graph, const NetworkContext& context) : graph_(std::move(graph)) {
  const std::vector<NetworkGraph::Layer>& layers = graph_.layers();
  for (const NetworkGraph::Layer& layer : layers) {
    Weighted own;
    if (layer.kind == Kind::convolution) {
      own.convolution = place(layer.name, std::make_shared<Convolution>(layer.convolution, context));
    } else if (layer.kind == Kind::transposed) {
      own.transposed = place(
          layer.name, std::make_shared<TransposedConvolution>(layer.convolution.in, layer.convolution.out, context));
    } else if (layer.kind == Kind::norm) {
      own.norm = place(layer.name, make_norm(layer.norm->name, layer.channels, context));
    }
    weighted_.push_back(std::move(own));
  }
  // A value is let go after its last reader, so that a pass without gradients needs little memory.
  std::vector<NetworkGraph::Node> last(layers.size());
  for (NetworkGraph::Node node = 0; node < layers.size(); ++node) {
    last[node] = node;
    for (const NetworkGraph::Node input : layers[node].inputs) last[input] = node;
  }
  unread_.resize(layers.size());
  for (NetworkGraph::Node node = 0; node < layers.size(); ++node) {
    if (std::ranges::count(graph_.outputs(), node) == 0) unread_[last[node]].push_back(node);
  }
}

template <class M>
std::shared_ptr<M> NetworkModule::place(const std::string& name, std::shared_ptr<M> module) {
  torch::nn::Module* parent = this;
  std::size_t begin = 0;
  for (std::size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', begin)) {
    const std::string block = name.substr(begin, dot - begin);
    const auto blocks = parent->named_children();
    const auto* found = blocks.find(block);
    parent = found ? found->get() : parent->register_module(block, std::make_shared<torch::nn::Module>()).get();
    begin = dot + 1;
  }
  return parent->register_module(name.substr(begin), std::move(module));
}

std::vector<at::Tensor> NetworkModule::forward(const at::Tensor& picture) {
  sizes_of(graph_, {picture.size(2), picture.size(3)});  // throws where the picture cannot pass
  const std::size_t count = graph_.layers().size();
  std::vector<at::Tensor> values(count);
  for (NetworkGraph::Node node = 0; node < count; ++node) {
    values[node] = graph_.layers()[node].kind == Kind::input ? picture : compute(node, values);
    for (const NetworkGraph::Node unread : unread_[node]) values[unread].reset();
  }
  std::vector<at::Tensor> outputs;
  for (const NetworkGraph::Node node : graph_.outputs()) outputs.push_back(values[node]);
  return outputs;
}

at::Tensor NetworkModule::compute(NetworkGraph::Node node, const std::vector<at::Tensor>& values) const {
  const NetworkGraph::Layer& layer = graph_.layers()[node];
  const at::Tensor& x = values[layer.inputs.front()];
  switch (layer.kind) {
    case Kind::convolution:
      return activate_in_place(weighted_[node].convolution->forward(x), layer.activation);
    case Kind::transposed:
      return weighted_[node].transposed->forward(x);
    case Kind::norm:
      return weighted_[node].norm->forward(x, layer.activation,
                                           layer.inputs.size() > 1 ? values[layer.inputs[1]] : at::Tensor());
    case Kind::nearest:
      return at::upsample_nearest2d(x, {2 * x.size(2), 2 * x.size(3)});
    case Kind::bilinear:
      return at::upsample_bilinear2d(x, {2 * x.size(2), 2 * x.size(3)}, /*align_corners=*/false);
    case Kind::concatenate: {
      std::vector<at::Tensor> all;
      for (const NetworkGraph::Node input : layer.inputs) all.push_back(values[input]);
      return at::cat(all, 1);
    }
    case Kind::add:
      return x + values[layer.inputs[1]];
    case Kind::unit_tanh:
      return (at::tanh(x) + 1) / 2;
    case Kind::average_pool:
      return at::avg_pool2d(x, 2);
    case Kind::max_pool:
      return at::max_pool2d(x, layer.window, /*stride=*/2, /*padding=*/0, /*dilation=*/1, layer.sticks_out);
    case Kind::input:
      break;
  }
  throw Error("unreachable");
}

void NetworkModule::begin_step() {
  for (const auto& module : modules(/*include_self=*/false)) {
    if (auto* spectral = dynamic_cast<SpectralNorm*>(module.get())) spectral->iterate();
  }
}

}  // namespace atelier
