#include "experiments/features/feature_network.h"

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "experiments/layers/initialization.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/training/tensor_io.h"

namespace atelier {
namespace {

/// Per-channel numbers from the file's metadata, else torchvision's.
at::Tensor channel_values(const SafetensorsFile* file, const char* key, std::vector<double> otherwise) {
  if (file) {
    const auto found = file->metadata().find(key);
    if (found != file->metadata().end()) {
      const auto values = nlohmann::json::parse(found->second, nullptr, false);
      if (!values.is_array() || values.size() != 3 || !values[0].is_number()) {
        throw UsageError(format("{}: its metadata \"{}\" is not three numbers", file->path().string(), key));
      }
      otherwise = values.get<std::vector<double>>();
    }
  }
  return at::tensor(otherwise, at::kDouble).to(at::kFloat).view({1, 3, 1, 1});
}

std::string layers_in(const SafetensorsFile& file, const NetworkLayout& layout) {
  std::string names;
  for (const NetworkLayer& layer : layout.layers) {
    if (!layer.pool && file.tensors().count(layer.stored_name + ".weight")) names += (names.empty() ? "" : ", ") + layer.name;
  }
  return names.empty() ? "none" : names;
}

at::Tensor stored(const SafetensorsFile& file, const NetworkLayout& layout, const NetworkLayer& layer, const char* part,
                  const std::vector<std::int64_t>& shape) {
  const auto found = file.tensors().find(layer.stored_name + part);
  if (found == file.tensors().end()) {
    throw UsageError(format("{} holds no {} of {} (it holds the layers {}); choose one of these, or a file of the whole "
                            "network: torchvision's {} weights, saved as safetensors",
                            file.path().string(), layer.name, layout.name, layers_in(file, layout), layout.name));
  }
  if (found->second.shape != shape) {
    throw UsageError(format("{} is of another network than {}: {}{} has the shape [{}], expected [{}]", file.path().string(),
                            layout.name, layer.stored_name, part, fmt::join(found->second.shape, ", "), fmt::join(shape, ", ")));
  }
  return to_tensor(found->second).to(at::kFloat);
}

}  // namespace

FeatureNetwork::Preprocess FeatureNetwork::preprocess_from(const std::string& name) {
  if (name == "imagenet") return Preprocess::imagenet;
  if (name == "none") return Preprocess::none;
  if (name == "swapped") return Preprocess::swapped;
  throw Error("there is no preprocessing " + name);
}

FeatureNetwork::FeatureNetwork(const NetworkLayout& layout, const std::filesystem::path& weights, Preprocess preprocess,
                               std::vector<std::string> wanted)
    : preprocess_(preprocess) {
  std::unique_ptr<SafetensorsFile> file;
  if (weights.filename() != "random") {
    if (!std::filesystem::exists(weights)) {
      throw UsageError(format("features.weights: {} does not exist; give torchvision's {} weights saved as safetensors, or "
                              "use the VGG16 that comes with Atelier (experiments/weights/vgg16-conv4_3.safetensors, "
                              "features.network = \"vgg16\")",
                              weights.string(), layout.name));
    }
    try {
      file = std::make_unique<SafetensorsFile>(weights);
    } catch (const Error& problem) {
      throw UsageError(problem.what());
    }
    const auto architecture = file->metadata().find("architecture");
    if (architecture != file->metadata().end() && architecture->second != layout.name) {
      throw UsageError(format("{} is of another network than {}: it says {}", weights.string(), layout.name, architecture->second));
    }
  }
  mean_ = channel_values(file.get(), "mean", {0.485, 0.456, 0.406});
  deviation_ = channel_values(file.get(), "std", {0.229, 0.224, 0.225});
  Initializer random(0);
  for (const NetworkLayer& layer : layout.layers) {
    if (wanted.empty()) break;
    Layer own{layer.name, {}, {}, false};
    if (!layer.pool) {
      if (file) {
        own.weight = stored(*file, layout, layer, ".weight", {layer.out, layer.in, 3, 3});
        own.bias = stored(*file, layout, layer, ".bias", {layer.out});
      } else {
        own.weight = at::empty({layer.out, layer.in, 3, 3});
        random.he_normal(own.weight, layer.in * 9);
        own.bias = at::zeros({layer.out});
      }
      const auto found = std::find(wanted.begin(), wanted.end(), layer.name);
      own.wanted = found != wanted.end();
      if (own.wanted) wanted.erase(found);
    }
    layers_.push_back(std::move(own));
  }
  if (!wanted.empty()) throw UsageError(format("{} has no layer {}", layout.name, wanted.front()));
  // Exchanging the channels of the image is the same as exchanging those of the first weights, which is done once.
  if (preprocess_ == Preprocess::swapped && !layers_.empty()) layers_.front().weight = layers_.front().weight.flip(1).contiguous();
}

std::int64_t FeatureNetwork::channels(const std::string& layer) const {
  for (const Layer& own : layers_) {
    if (own.wanted && own.name == layer) return own.weight.size(0);
  }
  throw Error("the layer " + layer + " was not asked for");
}

void FeatureNetwork::to(at::ScalarType type) {
  for (Layer& layer : layers_) {
    if (!layer.weight.defined()) continue;
    layer.weight = layer.weight.to(type);
    layer.bias = layer.bias.to(type);
  }
  mean_ = mean_.to(type);
  deviation_ = deviation_.to(type);
}

std::map<std::string, at::Tensor> FeatureNetwork::forward(const at::Tensor& image) const {
  std::map<std::string, at::Tensor> features;
  at::Tensor x = preprocess_ == Preprocess::imagenet ? (image - mean_) / deviation_ : image;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    if (layer.name.empty()) {
      x = at::max_pool2d(x, {2, 2});
      continue;
    }
    x = at::conv2d(x, layer.weight, layer.bias, /*stride=*/1, /*padding=*/1);
    if (layer.wanted) features[layer.name] = x;
    if (i + 1 == layers_.size()) break;
    // In place unless somebody wants what was before.
    x = layer.wanted ? at::relu(x) : at::relu_(x);
  }
  return features;
}

}  // namespace atelier
