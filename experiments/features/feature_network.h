#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiments/features/layout.h"
#include "framework/kernels/winograd_convolution.h"

namespace atelier {

/// The first layers of a frozen network that was trained to recognise things; its activations measure what pictures
/// have in common beyond their pixels.
class FeatureNetwork {
 public:
  /// How an image in [0, 1], RGB, is given to the network.
  enum class Preprocess {
    imagenet,  ///< Minus mean, divided by deviation: what the weights were made for.
    none,      ///< As it is.
    swapped,   ///< Red and blue exchanged and nothing else, as the baseline did.
  };
  static Preprocess preprocess_from(const std::string& name);  ///< Throws `Error`.

  /// Loads the convolutions up to the deepest of `layers` from a file (see `FeatureWeights`), or draws them when
  /// `weights` is "random" (He-normal, for tests). Throws `UsageError` when the file is missing, is of another network,
  /// or lacks a layer; the message names those it has.
  FeatureNetwork(const NetworkLayout& layout, const std::filesystem::path& weights, Preprocess preprocess,
                 std::vector<std::string> layers);

  /// From now on convolutions that Winograd's algorithm takes go that way: their weights are transformed, once, from
  /// single precision, whatever the images are.
  void use_winograd(WinogradTile tile);

  /// Activations BEFORE ReLU of the layers asked for: layer name to N x C x h x w. Of a fire module: its two expanding
  /// convolutions side by side, before their ReLUs. `image`: N x 3 x H x W, brought to the weights' type, which is the
  /// result's. Throws `Error` for images that are too small
  /// for the deepest layer. With `alone` each image's bits are as if it were alone: libtorch's convolutions then take
  /// them one by one, since their bits depend on which others are computed with them.
  std::map<std::string, at::Tensor> forward(const at::Tensor& image, bool alone = false) const;

  std::int64_t channels(const std::string& layer) const;  ///< Of a layer that was asked for.

  void to(at::ScalarType type);  ///< What the images are computed in, and the weights that are not transformed.
  void to(c10::Device device);   ///< Moves them; images must then be there.
  c10::Device device() const { return mean_.device(); }

 private:
  struct Convolution {
    at::Tensor weight, bias;
    std::int64_t stride = 1, padding = 1;
    std::optional<FrozenWinograd> winograd;  // instead of `weight`
    /// With `relu`, only what is above zero.
    at::Tensor forward(const at::Tensor& x, bool relu, bool alone) const;
  };
  struct Layer {
    std::string name;  // empty for a pooling
    NetworkLayer::Kind kind = NetworkLayer::Kind::convolution;
    std::vector<Convolution> convolutions;
    std::int64_t channels = 0;
    bool wanted = false;
  };
  std::string name_;
  std::vector<Layer> layers_;
  bool takes_in_whole(std::size_t layer) const;

  std::int64_t pool_kernel_;
  bool pool_ceil_;
  Preprocess preprocess_;
  at::Tensor mean_, deviation_;  // 1 x 3 x 1 x 1
};

}  // namespace atelier
