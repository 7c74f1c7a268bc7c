#include "experiments/features/feature_network.h"

#include <algorithm>
#include <optional>

#include "experiments/features/feature_weights.h"
#include "experiments/layers/initialization.h"
#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

at::Tensor per_channel(const std::array<double, 3>& values) {
  return at::tensor({values[0], values[1], values[2]}, at::kDouble).to(at::kFloat).view({1, 3, 1, 1});
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
    : name_(layout.name), pool_kernel_(layout.pool_kernel), pool_ceil_(layout.pool_ceil), preprocess_(preprocess) {
  std::optional<FeatureWeights> file;
  if (weights.filename() != "random") file.emplace(weights, layout);
  mean_ = per_channel(file ? file->mean() : FeatureWeights::torchvision_mean);
  deviation_ = per_channel(file ? file->deviation() : FeatureWeights::torchvision_deviation);
  Initializer random(0);
  for (const NetworkLayer& layer : layout.layers) {
    if (wanted.empty()) break;
    Layer own{.name = layer.name, .kind = layer.kind, .convolutions = {}, .channels = layer.out};
    for (const FeatureConvolution& stored : layer.convolutions) {
      Convolution convolution{.weight = {}, .bias = {}, .stride = stored.stride, .padding = stored.padding};
      if (file) {
        convolution.weight = file->weight(layer, stored);
        convolution.bias = file->bias(layer, stored);
      } else {
        convolution.weight = at::empty({stored.out, stored.in, stored.kernel, stored.kernel});
        random.he_normal(convolution.weight, stored.in * stored.kernel * stored.kernel);
        convolution.bias = at::zeros({stored.out});
      }
      own.convolutions.push_back(std::move(convolution));
    }
    const auto found = own.name.empty() ? wanted.end() : std::find(wanted.begin(), wanted.end(), own.name);
    own.wanted = found != wanted.end();
    if (own.wanted) wanted.erase(found);
    layers_.push_back(std::move(own));
  }
  if (!wanted.empty()) throw UsageError(format("{} has no layer {}", layout.name, wanted.front()));
  // Exchanging the channels of the image is the same as exchanging those of the first weights, which is done once.
  if (preprocess_ == Preprocess::swapped && !layers_.empty()) {
    at::Tensor& first = layers_.front().convolutions.front().weight;
    first = first.flip(1).contiguous();
  }
}

std::int64_t FeatureNetwork::channels(const std::string& layer) const {
  for (const Layer& own : layers_) {
    if (own.wanted && own.name == layer) return own.channels;
  }
  throw Error("the layer " + layer + " was not asked for");
}

void FeatureNetwork::to(at::ScalarType type) {
  for (Layer& layer : layers_) {
    for (Convolution& convolution : layer.convolutions) {
      convolution.weight = convolution.weight.to(type);
      convolution.bias = convolution.bias.to(type);
    }
  }
  mean_ = mean_.to(type);
  deviation_ = deviation_.to(type);
}

at::Tensor FeatureNetwork::Convolution::operator()(const at::Tensor& x) const {
  return at::conv2d(x, weight, bias, stride, padding);
}

std::map<std::string, at::Tensor> FeatureNetwork::forward(const at::Tensor& image) const {
  std::map<std::string, at::Tensor> features;
  at::Tensor x = preprocess_ == Preprocess::imagenet ? (image - mean_) / deviation_ : image;
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    // A window of 3 may stick out by 1; one of 2 and the first convolution of SqueezeNet may not.
    const std::int64_t smallest = layer.kind == NetworkLayer::Kind::pool ? 2
                                  : i == 0                               ? 3 - 2 * layer.convolutions.front().padding
                                                                         : 1;
    if (x.size(2) < smallest || x.size(3) < smallest) {
      throw Error(format("images of {}x{} pixels are too small for the layer {} of {}", image.size(3), image.size(2),
                         layers_.back().name, name_));
    }
    switch (layer.kind) {
      case NetworkLayer::Kind::pool:
        x = at::max_pool2d(x, pool_kernel_, /*stride=*/2, /*padding=*/0, /*dilation=*/1, pool_ceil_);
        continue;
      case NetworkLayer::Kind::convolution:
        x = layer.convolutions.front()(x);
        break;
      case NetworkLayer::Kind::fire: {
        const at::Tensor squeezed = layer.convolutions[0](x).relu_();
        x = at::cat({layer.convolutions[1](squeezed), layer.convolutions[2](squeezed)}, 1);
        break;
      }
    }
    if (layer.wanted) features[layer.name] = x;
    if (i + 1 == layers_.size()) break;
    // In place unless somebody wants what was before.
    x = layer.wanted ? at::relu(x) : at::relu_(x);
  }
  return features;
}

}  // namespace atelier
