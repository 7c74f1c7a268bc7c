#pragma once

#include <ATen/ATen.h>

#include <array>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "experiments/features/layout.h"

namespace atelier {

/// The weights of a feature network in a file, for RGB pictures and in libtorch's order, whatever the file's own is:
///
/// - safetensors with torchvision's names; the metadata "mean" and "std" say what the weights were made for, else
///   torchvision's own are meant;
/// - Keras' HDF5 files of VGG16 and VGG19 (as published, and as Keras 2 and 3 save them): kernels H x W x in x out,
/// made
///   for BGR pictures in 0 .. 255 from which 103.939, 116.779 and 123.68 were subtracted.
///
/// Recognised by content, not by name. See docs/weights.md.
class FeatureWeights {
 public:
  /// Throws `UsageError`: the file is missing, damaged, or of another network than `layout`.
  FeatureWeights(const std::filesystem::path& file, const NetworkLayout& layout);

  /// Of one of a layer's convolutions: out x in x k x k, and out; 32-bit floats. Throw `UsageError` when the file does
  /// not have them, naming the layers it has.
  at::Tensor weight(const NetworkLayer& layer, const FeatureConvolution& convolution) const;
  at::Tensor bias(const NetworkLayer& layer, const FeatureConvolution& convolution) const;

  const std::array<double, 3>& mean() const { return mean_; }            ///< Red, green, blue of pictures in [0, 1].
  const std::array<double, 3>& deviation() const { return deviation_; }  ///< The same.

  static constexpr std::array<double, 3> torchvision_mean{0.485, 0.456, 0.406};
  static constexpr std::array<double, 3> torchvision_deviation{0.229, 0.224, 0.225};

 private:
  struct Part {
    std::vector<std::int64_t> shape;  // in our order
    std::function<at::Tensor()> read;
  };
  void open_safetensors();
  void open_keras();
  const Part* find(const FeatureConvolution& convolution, const char* part) const;
  const Part& at(const NetworkLayer& layer, const FeatureConvolution& convolution, const char* part,
                 const std::vector<std::int64_t>& shape) const;
  bool names_any_of(const NetworkLayout& layout) const;
  std::int64_t layers_of(
      const NetworkLayout& layout) const;  // How many of its layers are here, whole and of its shapes.
  std::string layer_list() const;

  std::filesystem::path file_;
  const NetworkLayout& layout_;
  bool keras_ = false;
  std::map<std::string, Part> parts_;  // by torchvision's or Keras' name of the convolution with ".weight" or ".bias"
  std::vector<std::string> contents_;  // what the file itself calls the things it holds, for messages
  std::array<double, 3> mean_ = torchvision_mean, deviation_ = torchvision_deviation;
};

/// The digest of a file of weights, "random" where they are drawn. Throws `Error`.
std::string weights_digest(const std::filesystem::path& weights);

}  // namespace atelier
