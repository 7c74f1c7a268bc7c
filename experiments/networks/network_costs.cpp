#include "experiments/networks/network_costs.h"

#include <algorithm>

namespace atelier {
namespace {

using Layer = NetworkGraph::Layer;

std::int64_t area(PictureSize size) { return size.height * size.width; }

/// Weights that meet each pixel: of a transposed convolution each pixel of the input, else of the output.
std::int64_t weights_of(const ConvolutionOptions& options) {
  return options.in / options.groups * options.out * options.kernel * options.kernel;
}

std::int64_t parameters_of(const Layer& layer) {
  if (layer.norm) return layer.norm->parameters(layer.channels);
  const bool convolves = layer.kind == Layer::Kind::convolution || layer.kind == Layer::Kind::transposed;
  return convolves ? weights_of(layer.convolution) + layer.convolution.out : 0;
}

std::int64_t multiply_adds_of(const Layer& layer, PictureSize in, PictureSize out) {
  if (layer.norm) return layer.norm->multiply_adds(layer.channels) * area(out);
  if (layer.kind == Layer::Kind::convolution) return weights_of(layer.convolution) * area(out);
  if (layer.kind == Layer::Kind::transposed) return weights_of(layer.convolution) * area(in);
  return 0;
}

/// Pixels that SAME padding adds to a side.
std::int64_t padding_of(const ConvolutionOptions& options, std::int64_t side) {
  const std::int64_t last_start = (side + options.stride - 1) / options.stride * options.stride - options.stride;
  return std::max<std::int64_t>(0, last_start + options.kernel - side);
}

/// What one layer keeps: whether its input and its output, and numbers besides.
struct Kept {
  bool input = false, output = false;
  std::int64_t besides = 0;
};

Kept kept_of(const Layer& layer, PictureSize in, PictureSize out, std::int64_t in_channels, Weights weights) {
  Kept kept;
  const std::int64_t own = layer.channels * area(out);
  const bool in_place = layer.activation == Activation::leaky_relu || layer.activation == Activation::relu;
  if (!in_place && layer.activation != Activation::none) kept.besides += own;
  switch (layer.kind) {
    case Layer::Kind::convolution: {
      kept.output = in_place;
      if (weights == Weights::frozen) break;
      const std::int64_t down = padding_of(layer.convolution, in.height);
      const std::int64_t across = padding_of(layer.convolution, in.width);
      const bool pads = layer.convolution.padding != Padding::none && down + across > 0;
      const bool copies = pads && (layer.convolution.padding == Padding::reflect || down % 2 != 0 || across % 2 != 0);
      if (copies) kept.besides += in_channels * (in.height + down) * (in.width + across);
      // The gradient of reflection padding asks for what was padded.
      kept.input = !copies || layer.convolution.padding == Padding::reflect;
      break;
    }
    case Layer::Kind::norm:
      kept.input = true;
      // LeakyReLU alone goes with the norm in one pass, which finds its side again from the input.
      kept.output = in_place && (layer.inputs.size() > 1 || layer.activation == Activation::relu);
      kept.besides += layer.norm->kept * own;
      break;
    case Layer::Kind::transposed:
      kept.input = weights == Weights::trained;
      break;
    case Layer::Kind::average_pool:
    case Layer::Kind::max_pool:
      kept.input = true;
      break;
    case Layer::Kind::unit_tanh:
      kept.besides += own;
      break;
    default:
      break;
  }
  return kept;
}

}  // namespace

NetworkCosts costs_of(const NetworkGraph& graph, PictureSize picture, Weights weights) {
  const std::vector<PictureSize> sizes = sizes_of(graph, picture);
  const std::vector<Layer>& layers = graph.layers();
  NetworkCosts costs;
  std::vector<bool> keeps(layers.size(), false);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Layer& layer = layers[i];
    if (layer.inputs.empty()) continue;
    const std::size_t from = layer.inputs.front();
    costs.parameters += parameters_of(layer);
    const std::int64_t work = multiply_adds_of(layer, sizes[from], sizes[i]);
    costs.multiply_adds += work;
    if (layers[from].kind == Layer::Kind::input) costs.first_multiply_adds += work;
    const Kept kept = kept_of(layer, sizes[from], sizes[i], layers[from].channels, weights);
    costs.kept += kept.besides;
    if (kept.input) keeps[from] = true;
    if (kept.output) keeps[i] = true;
  }
  for (const std::size_t node : graph.outputs()) keeps[node] = true;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (keeps[i] && layers[i].kind != Layer::Kind::input) costs.kept += layers[i].channels * area(sizes[i]);
  }
  return costs;
}

}  // namespace atelier
