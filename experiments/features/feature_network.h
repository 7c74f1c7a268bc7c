#pragma once

#include <ATen/ATen.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "experiments/features/layout.h"

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

  /// Loads the convolutions up to the deepest of `layers`, from a safetensors file with torchvision's names, or draws
  /// them when `weights` is "random" (He-normal, for tests). Throws `UsageError` when the file is missing, is of another
  /// network, or lacks a layer; the message names those it has.
  FeatureNetwork(const NetworkLayout& layout, const std::filesystem::path& weights, Preprocess preprocess,
                 std::vector<std::string> layers);

  /// Activations BEFORE ReLU of the layers asked for: layer name to N x C x h x w. `image`: N x 3 x H x W.
  std::map<std::string, at::Tensor> forward(const at::Tensor& image) const;

  std::int64_t channels(const std::string& layer) const;  ///< Of a layer that was asked for.

  void to(at::ScalarType type);  ///< Converts the weights.

 private:
  struct Layer {
    std::string name;  // of a convolution; empty for a pooling
    at::Tensor weight, bias;
    bool wanted = false;
  };
  std::vector<Layer> layers_;
  Preprocess preprocess_;
  at::Tensor mean_, deviation_;  // 1 x 3 x 1 x 1
};

}  // namespace atelier
