#include "experiments/features/feature_weights.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/data/hdf5_tensors.h"
#include "framework/storage/digest.h"
#include "framework/storage/mapped_file.h"
#include "framework/training/tensor_io.h"

namespace atelier {
namespace {

/// Three numbers of the metadata, one a channel; `otherwise` when the file says nothing.
std::array<double, 3> channel_values(const SafetensorsFile& file, const char* key,
                                     const std::array<double, 3>& otherwise) {
  const auto found = file.metadata().find(key);
  if (found == file.metadata().end()) return otherwise;
  const auto values = nlohmann::json::parse(found->second, nullptr, false);
  const auto is_number = [](const auto& value) { return value.is_number(); };
  if (!values.is_array() || values.size() != 3 || !std::all_of(values.begin(), values.end(), is_number)) {
    throw UsageError(format("{}: its metadata \"{}\" is not three numbers", file.path().string(), key));
  }
  return values.get<std::array<double, 3>>();
}

std::set<std::string> known_keras_names() {
  std::set<std::string> names;
  for (const NetworkLayout& layout : feature_networks().entries()) {
    for (const NetworkLayer& layer : layout.layers) {
      for (const FeatureConvolution& convolution : layer.convolutions) {
        names.insert(convolution.keras_names.begin(), convolution.keras_names.end());
      }
    }
  }
  return names;
}

std::vector<std::string> split_path(const std::string& path) {
  std::vector<std::string> groups(1);
  for (const char c : path) {
    if (c == '/') {
      groups.emplace_back();
    } else {
      groups.back() += c;
    }
  }
  return groups;
}

std::vector<std::int64_t> weight_shape(const FeatureConvolution& convolution) {
  return {convolution.out, convolution.in, convolution.kernel, convolution.kernel};
}

}  // namespace

FeatureWeights::FeatureWeights(const std::filesystem::path& file, const NetworkLayout& layout) try
    : file_(file), layout_(layout) {
  if (!std::filesystem::exists(file)) {
    throw UsageError(format(
        "features.weights: {} does not exist; give {} weights (docs/weights.md says where from), or use the VGG16 that "
        "comes with Atelier (experiments/weights/vgg16-conv4_3.safetensors, features.network = \"vgg16\")",
        file.string(), layout.name));
  }
  if (is_hdf5(file)) {
    open_keras();
  } else {
    open_safetensors();
  }
  // A name says little: "features.0" is in every file of torchvision. So the network that has the most layers here is
  // the file's.
  const NetworkLayout* most = &layout;
  for (const NetworkLayout& other : feature_networks().entries()) {
    if (layers_of(other) > layers_of(*most)) most = &other;
  }
  if (most != &layout) {
    throw UsageError(
        format("{} is of another network than {}: its layers are those of {}", file.string(), layout.name, most->name));
  }
  if (!names_any_of(layout)) {
    const std::vector<std::string> shown(contents_.begin(),
                                         contents_.begin() + std::min<std::ptrdiff_t>(std::ssize(contents_), 5));
    throw UsageError(format("{} is of another network than {}: it holds {}{}", file.string(), layout.name,
                            shown.empty() ? "nothing" : fmt::to_string(fmt::join(shown, ", ")),
                            contents_.size() > shown.size() ? ", ..." : ""));
  }
} catch (const UsageError&) {
  throw;
} catch (const Error& problem) {
  throw UsageError(problem.what());
}

void FeatureWeights::open_safetensors() {
  const auto file = std::make_shared<SafetensorsFile>(file_);
  const auto architecture = file->metadata().find("architecture");
  if (architecture != file->metadata().end() && architecture->second != layout_.name) {
    throw UsageError(
        format("{} is of another network than {}: it says {}", file_.string(), layout_.name, architecture->second));
  }
  mean_ = channel_values(*file, "mean", torchvision_mean);
  deviation_ = channel_values(*file, "std", torchvision_deviation);
  for (const auto& [name, tensor] : file->tensors()) {
    parts_[name] = {tensor.shape, [file, stored = &tensor] { return to_tensor(*stored).to(at::kFloat); }};
    contents_.push_back(name);
  }
}

void FeatureWeights::open_keras() {
  keras_ = true;
  constexpr std::array<double, 3> subtracted{123.68, 116.779, 103.939};  // red, green, blue in 0 .. 255
  for (std::size_t i = 0; i < 3; ++i) {
    mean_[i] = subtracted[i] / 255;
    deviation_[i] = 1.0 / 255;
  }
  const std::set<std::string> known = known_keras_names();
  std::map<std::string, std::string> taken;  // part to its path
  for (const auto& [path, shape] : hdf5_tensor_shapes(file_)) {
    contents_.push_back(path);
    const std::vector<std::string> groups = split_path(path);
    if (groups.front() == "optimizer_weights") continue;  // A whole model's moments are named after its layers, too.
    const auto group =
        std::find_if(groups.begin(), groups.end() - 1, [&](const std::string& name) { return known.count(name) > 0; });
    if (group == groups.end() - 1 || (shape.size() != 4 && shape.size() != 1)) continue;
    const std::string part = *group + (shape.size() == 4 ? ".weight" : ".bias");
    const auto [first, is_new] = taken.emplace(part, path);
    if (!is_new) {
      throw UsageError(
          format("{}: both {} and {} may be the weights of {}", file_.string(), first->second, path, *group));
    }
    const auto read = [file = file_, path = path, shape = shape] {
      const std::vector<float> values = read_hdf5_tensor(file, path);
      at::Tensor tensor = at::empty(shape, at::kFloat);
      if (tensor.numel() != std::ssize(values)) throw Error(file.string() + " changed while it was read");
      std::memcpy(tensor.data_ptr(), values.data(), values.size() * sizeof(float));
      return tensor;
    };
    if (shape.size() == 1) {
      parts_[part] = {shape, read};
      continue;
    }
    // The first convolution sees pictures, whose blue comes first there.
    const bool sees_picture = shape[2] == 3;
    parts_[part] = {{shape[3], shape[2], shape[0], shape[1]}, [read, sees_picture] {
                      const at::Tensor weight = read().permute({3, 2, 0, 1});
                      return (sees_picture ? weight.flip(1) : weight).contiguous();
                    }};
  }
}

const FeatureWeights::Part* FeatureWeights::find(const FeatureConvolution& convolution, const char* part) const {
  const std::vector<std::string> names = keras_ ? convolution.keras_names : std::vector{convolution.stored_name};
  for (const std::string& name : names) {
    const auto found = parts_.find(name + "." + part);
    if (found != parts_.end()) return &found->second;
  }
  return nullptr;
}

bool FeatureWeights::names_any_of(const NetworkLayout& layout) const {
  for (const NetworkLayer& layer : layout.layers) {
    for (const FeatureConvolution& convolution : layer.convolutions) {
      if (find(convolution, "weight")) return true;
    }
  }
  return false;
}

std::int64_t FeatureWeights::layers_of(const NetworkLayout& layout) const {
  const auto fits = [&](const FeatureConvolution& convolution) {
    const Part* weight = find(convolution, "weight");
    return weight && weight->shape == weight_shape(convolution);
  };
  return std::count_if(layout.layers.begin(), layout.layers.end(), [&](const NetworkLayer& layer) {
    return !layer.convolutions.empty() && std::all_of(layer.convolutions.begin(), layer.convolutions.end(), fits);
  });
}

std::string FeatureWeights::layer_list() const {
  const auto here = [&](const FeatureConvolution& convolution) { return find(convolution, "weight") != nullptr; };
  std::string names;
  for (const NetworkLayer& layer : layout_.layers) {
    const bool whole = std::all_of(layer.convolutions.begin(), layer.convolutions.end(), here);
    if (!layer.convolutions.empty() && whole) names += (names.empty() ? "" : ", ") + layer.name;
  }
  return names.empty() ? "none" : names;
}

const FeatureWeights::Part& FeatureWeights::at(const NetworkLayer& layer, const FeatureConvolution& convolution,
                                               const char* part, const std::vector<std::int64_t>& shape) const {
  const Part* found = find(convolution, part);
  if (!found) {
    const char* whole = convolution.keras_names.empty() ? "torchvision's weights saved as safetensors"
                                                        : "torchvision's weights saved as safetensors, or Keras' .h5";
    throw UsageError(format(
        "{} holds no {} of {}'s {} (it holds the layers {}); choose one of these, or a file of the whole network: "
        "{} (docs/weights.md)",
        file_.string(), part, layout_.name, layer.name, layer_list(), whole));
  }
  if (found->shape != shape) {
    throw UsageError(format("{} is of another network than {}: the {} of {} has the shape [{}], expected [{}]",
                            file_.string(), layout_.name, part, layer.name, fmt::join(found->shape, ", "),
                            fmt::join(shape, ", ")));
  }
  return *found;
}

at::Tensor FeatureWeights::weight(const NetworkLayer& layer, const FeatureConvolution& convolution) const try {
  return at(layer, convolution, "weight", weight_shape(convolution)).read();
} catch (const UsageError&) {
  throw;
} catch (const Error& problem) {
  throw UsageError(problem.what());
}

at::Tensor FeatureWeights::bias(const NetworkLayer& layer, const FeatureConvolution& convolution) const try {
  return at(layer, convolution, "bias", {convolution.out}).read();
} catch (const UsageError&) {
  throw;
} catch (const Error& problem) {
  throw UsageError(problem.what());
}

std::string weights_digest(const std::filesystem::path& weights) {
  return weights.filename() == "random" ? "random" : hex(digest(MappedFile(weights).bytes()));
}

}  // namespace atelier
