#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace atelier {

/// One layer of a feature network, in order. Names are those of the papers: "conv4_4" is block 4, convolution 4.
struct NetworkLayer {
  std::string name;         ///< Of a convolution; empty for a pooling.
  std::string stored_name;  ///< Its tensors in torchvision's files are this with ".weight" and ".bias".
  std::int64_t in = 0, out = 0;
  bool pool = false;  ///< 2x2 maximum, stride 2. Each convolution is 3x3, padded by zeros, followed by ReLU.
};

struct NetworkLayout {
  std::string name;
  std::vector<NetworkLayer> layers;
};

std::vector<std::string_view> network_names();

/// Throws `Error` for a name that is not in the catalog. Source: Simonyan and Zisserman, "Very deep convolutional
/// networks for large-scale image recognition", ICLR 2015, table 1, columns D and E.
const NetworkLayout& network_layout(std::string_view name);

/// The convolutions of a network.
std::vector<std::string_view> layer_names(const NetworkLayout& layout);

}  // namespace atelier
