#include "experiments/features/layout.h"

#include <array>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

NetworkLayout make_vgg(std::string name, std::array<int, 5> convolutions) {
  constexpr std::int64_t channels[5] = {64, 128, 256, 512, 512};
  NetworkLayout layout{std::move(name), {}};
  std::int64_t in = 3;
  int index = 0;  // torchvision numbers convolutions, activations and poolings alike
  for (std::size_t block = 0; block < 5; ++block) {
    for (int i = 0; i < convolutions[block]; ++i) {
      layout.layers.push_back({.name = format("conv{}_{}", block + 1, i + 1),
                               .stored_name = format("features.{}", index),
                               .in = in,
                               .out = channels[block]});
      in = channels[block];
      index += 2;
    }
    layout.layers.push_back({.name = {}, .stored_name = {}, .pool = true});
    ++index;
  }
  return layout;
}

const std::vector<NetworkLayout>& catalog() {
  static const std::vector<NetworkLayout> layouts{
      make_vgg("vgg19", {2, 2, 4, 4, 4}),
      make_vgg("vgg16", {2, 2, 3, 3, 3}),
  };
  return layouts;
}

}  // namespace

std::vector<std::string_view> network_names() {
  std::vector<std::string_view> names;
  for (const NetworkLayout& layout : catalog()) names.push_back(layout.name);
  return names;
}

const NetworkLayout& network_layout(std::string_view name) {
  for (const NetworkLayout& layout : catalog()) {
    if (layout.name == name) return layout;
  }
  throw Error(format("there is no feature network {}", name));
}

std::vector<std::string_view> layer_names(const NetworkLayout& layout) {
  std::vector<std::string_view> names;
  for (const NetworkLayer& layer : layout.layers) {
    if (!layer.pool) names.push_back(layer.name);
  }
  return names;
}

}  // namespace atelier
