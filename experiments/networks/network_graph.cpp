#include "experiments/networks/network_graph.h"

#include <algorithm>
#include <numeric>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

using Kind = NetworkGraph::Layer::Kind;

NetworkGraph::Node NetworkGraph::append(Layer layer) {
  for (const Node input : layer.inputs) {
    if (input >= layers_.size()) throw Error(format("{}: a layer reads one that comes later", name_));
  }
  layers_.push_back(std::move(layer));
  return layers_.size() - 1;
}

NetworkGraph::Node NetworkGraph::input(std::int64_t channels) {
  return append({.kind = Kind::input, .inputs = {}, .channels = channels});
}

NetworkGraph::Node NetworkGraph::convolution(Node from, std::string name, ConvolutionOptions options,
                                             Activation activation) {
  options.in = channels(from);
  return append({.kind = Kind::convolution,
                 .inputs = {from},
                 .channels = options.out,
                 .name = std::move(name),
                 .convolution = options,
                 .activation = activation});
}

NetworkGraph::Node NetworkGraph::transposed(Node from, std::string name, std::int64_t out) {
  return append({.kind = Kind::transposed,
                 .inputs = {from},
                 .channels = out,
                 .name = std::move(name),
                 .convolution = {.in = channels(from), .out = out, .stride = 2}});
}

NetworkGraph::Node NetworkGraph::norm(Node from, std::string name, const NormEntry& norm, Activation activation) {
  return append({.kind = Kind::norm,
                 .inputs = {from},
                 .channels = channels(from),
                 .name = std::move(name),
                 .norm = &norm,
                 .activation = activation});
}

NetworkGraph::Node NetworkGraph::norm(Node from, std::string name, const NormEntry& entry, Activation activation,
                                      Node skip) {
  const Node node = norm(from, std::move(name), entry, activation);
  layers_[node].inputs.push_back(skip);
  return node;
}

NetworkGraph::Node NetworkGraph::concatenate(std::vector<Node> from) {
  std::int64_t all = 0;
  for (const Node node : from) all += channels(node);
  return append({.kind = Kind::concatenate, .inputs = std::move(from), .channels = all});
}

NetworkGraph::Node NetworkGraph::add(Node left, Node right) {
  return append({.kind = Kind::add, .inputs = {left, right}, .channels = channels(left)});
}

NetworkGraph::Node NetworkGraph::max_pool(Node from, std::int64_t window, bool sticks_out) {
  return append({.kind = Kind::max_pool,
                 .inputs = {from},
                 .channels = channels(from),
                 .window = window,
                 .sticks_out = sticks_out});
}

bool NetworkGraph::mixes_images() const {
  return std::ranges::any_of(layers_, [](const Layer& layer) { return layer.norm && layer.norm->mixes_images; });
}

namespace {

/// A side after a layer; 0 or less where it is too small.
std::int64_t side_after(const NetworkGraph::Layer& layer, std::int64_t side) {
  const ConvolutionOptions& convolution = layer.convolution;
  switch (layer.kind) {
    case Kind::convolution:
      if (convolution.padding == Padding::none) {
        return side < convolution.kernel ? 0 : (side - convolution.kernel) / convolution.stride + 1;
      }
      return (side + convolution.stride - 1) / convolution.stride;
    case Kind::transposed:
    case Kind::nearest:
    case Kind::bilinear:
      return 2 * side;
    case Kind::average_pool:
      return side / 2;
    case Kind::max_pool:
      if (side < 2) return 0;
      return (side - layer.window + (layer.sticks_out ? 1 : 0)) / 2 + 1;
    default:
      return side;
  }
}

/// By how much a layer divides sides; 2 with `grows` where it doubles them.
struct Step {
  std::int64_t factor = 1;
  bool grows = false;
};

Step step_of(const NetworkGraph::Layer& layer) {
  switch (layer.kind) {
    case Kind::convolution:
      return {layer.convolution.stride};
    case Kind::average_pool:
    case Kind::max_pool:
      return {2};
    case Kind::transposed:
    case Kind::nearest:
    case Kind::bilinear:
      return {2, true};
    default:
      return {};
  }
}

}  // namespace

namespace {

enum class Fit { passes, too_small, rounds };

/// Fills `sizes` layer by layer, as far as the picture comes.
Fit follow(const NetworkGraph& graph, PictureSize picture, std::vector<PictureSize>& sizes) {
  for (const NetworkGraph::Layer& layer : graph.layers()) {
    PictureSize size = picture;
    if (!layer.inputs.empty()) {
      const PictureSize from = sizes[layer.inputs.front()];
      size = {side_after(layer, from.height), side_after(layer, from.width)};
      const bool meet = std::ranges::all_of(layer.inputs, [&](std::size_t input) { return sizes[input] == from; });
      if (!meet) return Fit::rounds;
      if (size.height < 1 || size.width < 1) return Fit::too_small;
    }
    sizes.push_back(size);
  }
  return Fit::passes;
}

}  // namespace

std::vector<PictureSize> sizes_of(const NetworkGraph& graph, PictureSize picture) {
  std::vector<PictureSize> sizes;
  const Fit fit = follow(graph, picture, sizes);
  if (fit == Fit::passes) return sizes;
  throw Error(format("a picture of {} x {} pixels {} the {}{}", picture.width, picture.height,
                     fit == Fit::too_small ? "is too small for" : "cannot pass through", graph.name(),
                     fit == Fit::too_small ? "" : format(": it takes multiples of {}", shrinkage_of(graph))));
}

bool passes(const NetworkGraph& graph, PictureSize picture) {
  std::vector<PictureSize> sizes;
  return follow(graph, picture, sizes) == Fit::passes;
}

std::int64_t shrinkage_of(const NetworkGraph& graph) {
  std::int64_t all = 1;
  std::vector<std::int64_t> shrunk;  // of each layer's output
  for (const NetworkGraph::Layer& layer : graph.layers()) {
    std::int64_t own = layer.inputs.empty() ? 1 : shrunk[layer.inputs.front()];
    const Step step = step_of(layer);
    own = step.grows ? std::max<std::int64_t>(1, own / step.factor) : own * step.factor;
    shrunk.push_back(own);
    all = std::lcm(all, own);
  }
  return all;
}

std::int64_t receptive_field_of(const NetworkGraph& graph, NetworkGraph::Node node) {
  struct Reach {
    std::int64_t field = 1, distance = 1;  // pixels of the picture: seen, and between neighbours
  };
  std::vector<Reach> all;
  for (const NetworkGraph::Layer& layer : graph.layers()) {
    Reach own;
    for (const std::size_t input : layer.inputs) {
      own.field = std::max(own.field, all[input].field);
      own.distance = all[input].distance;
    }
    const Step step = step_of(layer);
    if (step.grows) throw Error(format("{}: no receptive field behind a layer that grows", graph.name()));
    const std::int64_t kernel = layer.kind == Kind::convolution    ? layer.convolution.kernel
                                : layer.kind == Kind::average_pool ? 2
                                : layer.kind == Kind::max_pool     ? layer.window
                                                                   : 1;
    own.field += (kernel - 1) * own.distance;
    own.distance *= step.factor;
    all.push_back(own);
    if (all.size() == node + 1) return own.field;
  }
  throw Error(format("{} has no layer {}", graph.name(), node));
}

}  // namespace atelier
