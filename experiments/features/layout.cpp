#include "experiments/features/layout.h"

#include <algorithm>
#include <array>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"

namespace atelier {
namespace {

NetworkLayout make_vgg(std::string name, std::string summary, std::array<int, 5> convolutions) {
  constexpr std::int64_t channels[5] = {64, 128, 256, 512, 512};
  NetworkLayout layout{.name = std::move(name), .summary = std::move(summary), .layers = {}};
  std::int64_t in = 3;
  int index = 0;   // torchvision numbers convolutions, activations and poolings alike
  int number = 0;  // Keras 3 numbers the convolutions
  for (std::size_t block = 0; block < 5; ++block) {
    for (int i = 0; i < convolutions[block]; ++i) {
      const FeatureConvolution convolution{
          .stored_name = format("features.{}", index),
          .keras_names = {format("block{}_conv{}", block + 1, i + 1), number ? format("conv2d_{}", number) : "conv2d"},
          .in = in,
          .out = channels[block]};
      layout.layers.push_back(
          {.name = format("conv{}_{}", block + 1, i + 1), .convolutions = {convolution}, .out = channels[block]});
      in = channels[block];
      index += 2;
      ++number;
    }
    layout.layers.push_back({.kind = NetworkLayer::Kind::pool, .name = {}, .convolutions = {}});
    ++index;
  }
  return layout;
}

NetworkLayer make_fire(int number, int index, std::int64_t in, std::int64_t squeezed, std::int64_t expanded) {
  const auto part = [&](const char* name, std::int64_t from, std::int64_t to, std::int64_t kernel) {
    return FeatureConvolution{.stored_name = format("features.{}.{}", index, name),
                              .keras_names = {},
                              .in = from,
                              .out = to,
                              .kernel = kernel,
                              .padding = kernel / 2};
  };
  return {.kind = NetworkLayer::Kind::fire,
          .name = format("fire{}", number),
          .convolutions = {part("squeeze", in, squeezed, 1), part("expand1x1", squeezed, expanded, 1),
                           part("expand3x3", squeezed, expanded, 3)},
          .out = 2 * expanded};
}

NetworkLayout make_squeezenet() {
  const NetworkLayer pool{.kind = NetworkLayer::Kind::pool, .name = {}, .convolutions = {}};
  const FeatureConvolution first{
      .stored_name = "features.0", .keras_names = {}, .in = 3, .out = 64, .stride = 2, .padding = 0};
  return {.name = "squeezenet1_1",
          .summary = "SqueezeNet 1.1: conv1, fire2 .. fire9; about 1/60 of the work of VGG16",
          .layers = {{.name = "conv1", .convolutions = {first}, .out = 64},
                     pool,
                     make_fire(2, 3, 64, 16, 64),
                     make_fire(3, 4, 128, 16, 64),
                     pool,
                     make_fire(4, 6, 128, 32, 128),
                     make_fire(5, 7, 256, 32, 128),
                     pool,
                     make_fire(6, 9, 256, 48, 192),
                     make_fire(7, 10, 384, 48, 192),
                     make_fire(8, 11, 384, 64, 256),
                     make_fire(9, 12, 512, 64, 256)},
          .pool_kernel = 3,
          .pool_ceil = true};
}

}  // namespace

const Catalog<NetworkLayout>& feature_networks() {
  static const std::vector<NetworkLayout> layouts{
      make_vgg("vgg19", "VGG19: conv1_1 .. conv5_4 (the baseline)", {2, 2, 4, 4, 4}),
      make_vgg("vgg16", "VGG16: conv1_1 .. conv5_3; weights up to conv4_3 come with Atelier", {2, 2, 3, 3, 3}),
      make_squeezenet(),
  };
  static const Catalog<NetworkLayout> catalog("feature network", layouts);
  return catalog;
}

NetworkGraph feature_graph(const NetworkLayout& layout, const std::vector<std::string>& layers) {
  const std::vector<std::string_view> names = layer_names(layout);
  for (const std::string& layer : layers) {
    if (std::ranges::count(names, layer) == 0) throw Error(format("{} has no layer {}", layout.name, layer));
  }
  NetworkGraph graph("feature network " + layout.name);
  const NormEntry& no_norm = norms().at("none");
  std::size_t missing = layers.size();
  NetworkGraph::Node x = graph.input(3);
  for (const NetworkLayer& layer : layout.layers) {
    if (missing == 0) break;
    const auto uses = static_cast<std::size_t>(std::ranges::count(layers, layer.name));
    const bool wanted = uses > 0;
    const auto convolution = [&](NetworkGraph::Node from, std::size_t i, bool relu) {
      const FeatureConvolution& own = layer.convolutions[i];
      return graph.convolution(from, own.stored_name,
                               {.out = own.out,
                                .kernel = own.kernel,
                                .stride = own.stride,
                                .padding = own.padding == 0 ? Padding::none : Padding::zero},
                               relu ? Activation::relu : Activation::none);
    };
    switch (layer.kind) {
      case NetworkLayer::Kind::pool:
        x = graph.max_pool(x, layout.pool_kernel, layout.pool_ceil);
        continue;
      case NetworkLayer::Kind::convolution:
        x = convolution(x, 0, !wanted);
        break;
      case NetworkLayer::Kind::fire: {
        const NetworkGraph::Node squeezed = convolution(x, 0, true);
        x = graph.concatenate({convolution(squeezed, 1, !wanted), convolution(squeezed, 2, !wanted)});
        break;
      }
    }
    if (!wanted) continue;
    graph.output(x);
    missing -= uses;
    if (missing > 0) x = graph.norm(x, layer.name + ".relu", no_norm, Activation::relu);
  }
  return graph;
}

std::int64_t smallest_picture(const NetworkLayout& layout) {
  const NetworkGraph whole = feature_graph(layout, {std::string(layer_names(layout).back())});
  for (std::int64_t side = 8;; side += 8) {
    if (passes(whole, {side, side})) return side;
  }
}

std::vector<std::string_view> layer_names(const NetworkLayout& layout) {
  std::vector<std::string_view> names;
  for (const NetworkLayer& layer : layout.layers) {
    if (layer.kind != NetworkLayer::Kind::pool) names.push_back(layer.name);
  }
  return names;
}

void check_layer(const NetworkLayout& layout, std::string_view layer, std::string_view key, const Document& document) {
  const std::vector<std::string_view> names = layer_names(layout);
  if (std::ranges::count(names, layer) > 0) return;
  throw spec_error(document.place_of(key),
                   format("{} = \"{}\": {} has the layers {}", key, layer, layout.name, quoted_list(names)));
}

}  // namespace atelier
