#include "experiments/features/layout.h"

#include <array>

#include "framework/core/error.h"
#include "framework/core/format.h"

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
          .pool_ceil = true,
          .smallest = 24};
}

}  // namespace

const std::vector<NetworkLayout>& network_layouts() {
  static const std::vector<NetworkLayout> layouts{
      make_vgg("vgg19", "VGG19: conv1_1 .. conv5_4 (the baseline)", {2, 2, 4, 4, 4}),
      make_vgg("vgg16", "VGG16: conv1_1 .. conv5_3; weights up to conv4_3 come with Atelier", {2, 2, 3, 3, 3}),
      make_squeezenet(),
  };
  return layouts;
}

std::vector<std::string_view> network_names() {
  std::vector<std::string_view> names;
  for (const NetworkLayout& layout : network_layouts()) names.push_back(layout.name);
  return names;
}

std::string_view network_summary(std::string_view name) {
  for (const NetworkLayout& layout : network_layouts()) {
    if (layout.name == name) return layout.summary;
  }
  return {};
}

const NetworkLayout& network_layout(std::string_view name) {
  for (const NetworkLayout& layout : network_layouts()) {
    if (layout.name == name) return layout;
  }
  throw Error(format("there is no feature network {}", name));
}

std::vector<std::string_view> layer_names(const NetworkLayout& layout) {
  std::vector<std::string_view> names;
  for (const NetworkLayer& layer : layout.layers) {
    if (layer.kind != NetworkLayer::Kind::pool) names.push_back(layer.name);
  }
  return names;
}

}  // namespace atelier
