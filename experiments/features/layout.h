#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/networks/network_graph.h"
#include "framework/config/catalog.h"
#include "framework/config/document.h"

namespace atelier {

/// One convolution of a feature network and where files keep it.
struct FeatureConvolution {
  std::string stored_name;  ///< Its tensors in torchvision's files are this with ".weight" and ".bias".
  /// Its group in Keras' HDF5 files: as the published weights name it, and as Keras 3 numbers it. None where Keras has
  /// no such network.
  std::vector<std::string> keras_names;
  std::int64_t in = 0, out = 0;
  std::int64_t kernel = 3, stride = 1, padding = 1;  ///< Padded by zeros.
};

/// One layer of a feature network, in order. Names are those of the papers: "conv4_4" is block 4, convolution 4.
struct NetworkLayer {
  enum class Kind {
    convolution,  ///< Followed by ReLU.
    fire,         ///< SqueezeNet's: squeeze, ReLU, then expand1x1 and expand3x3 side by side, each followed by ReLU.
    pool,         ///< Maximum, stride 2.
  };
  Kind kind = Kind::convolution;
  std::string name;  ///< Empty for a pooling.
  std::vector<FeatureConvolution>
      convolutions;      ///< One; of a fire module squeeze, expand1x1, expand3x3; of a pooling none.
  std::int64_t out = 0;  ///< Channels.
};

struct NetworkLayout {
  std::string name;
  std::string summary;  ///< What it is, in a sentence.
  std::vector<NetworkLayer> layers;
  std::int64_t pool_kernel = 2;
  bool pool_ceil = false;  ///< The last window of a pooling may stick out.
};

/// All networks. Sources: Simonyan and Zisserman, "Very deep convolutional networks for large-scale image recognition",
/// ICLR 2015, table 1, columns D and E; Iandola et al., "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters",
/// 2016, in its authors' version 1.1.
const Catalog<NetworkLayout>& feature_networks();

/// The network up to the deepest of `layers`, each of which is an output before its ReLU. A layer that is an output is
/// followed by its ReLU as a norm "none", other convolutions have it as their activation.
NetworkGraph feature_graph(const NetworkLayout& layout, const std::vector<std::string>& layers);

/// Side of the smallest pictures of which the last layer still sees a pixel, a multiple of 8 as `data.crop` is.
std::int64_t smallest_picture(const NetworkLayout& layout);

/// The layers that have a name: all but the poolings.
std::vector<std::string_view> layer_names(const NetworkLayout& layout);

/// Throws `UsageError`, with the place of `key` in the document, when the network has no such layer.
void check_layer(const NetworkLayout& layout, std::string_view layer, std::string_view key, const Document& document);

}  // namespace atelier
