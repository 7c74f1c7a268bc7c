#include "experiments/features/feature_network.h"

#include <algorithm>
#include <optional>

#include "experiments/features/feature_weights.h"
#include "experiments/layers/initialization.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/kernels/relu_max_pool.h"

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
      if (convolution.winograd) continue;  // takes images of either precision
      convolution.weight = convolution.weight.to(type);
      convolution.bias = convolution.bias.to(type);
    }
  }
  mean_ = mean_.to(type);
  deviation_ = deviation_.to(type);
}

void FeatureNetwork::to(c10::Device device) {
  for (Layer& layer : layers_) {
    for (Convolution& convolution : layer.convolutions) {
      if (convolution.winograd && !device.is_cpu())
        throw Error("weights transformed for Winograd's algorithm stay on the CPU");
      if (!convolution.winograd) convolution.weight = convolution.weight.to(device);
      convolution.bias = convolution.bias.to(device);
    }
  }
  mean_ = mean_.to(device);
  deviation_ = deviation_.to(device);
}

at::Tensor FeatureNetwork::Convolution::forward(const at::Tensor& x, bool relu, bool alone) const {
  if (winograd) return winograd_convolution(x, *winograd, bias, relu);
  if (alone && x.size(0) > 1) {
    std::vector<at::Tensor> each;
    for (std::int64_t i = 0; i < x.size(0); ++i) each.push_back(forward(x.narrow(0, i, 1), relu, alone));
    return at::cat(each);
  }
  at::Tensor y = at::conv2d(x, weight, bias, stride, padding);
  return relu ? at::relu_(y) : y;
}

void FeatureNetwork::use_winograd(WinogradTile tile) {
  for (Layer& layer : layers_) {
    for (Convolution& convolution : layer.convolutions) {
      const at::Tensor& weight = convolution.weight;
      if (convolution.stride != 1 || convolution.padding != 1 ||
          !takes_winograd(at::empty({0, weight.size(1), 1, 1}), weight))
        continue;
      convolution.winograd.emplace(weight, tile);
      convolution.weight = at::Tensor();
    }
  }
}

/// Whether the layer is a pooling of 2x2 that may take what comes before the ReLU.
bool FeatureNetwork::takes_in_whole(std::size_t layer) const {
  return layer < layers_.size() && layers_[layer].kind == NetworkLayer::Kind::pool && pool_kernel_ == 2 && !pool_ceil_;
}

std::map<std::string, at::Tensor> FeatureNetwork::forward(const at::Tensor& image, bool alone) const {
  std::map<std::string, at::Tensor> features;
  at::Tensor x = image.to(mean_.scalar_type());
  if (preprocess_ == Preprocess::imagenet) x = (x - mean_) / deviation_;
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
    // The ReLU behind this layer is part of what comes next, or of the convolution, unless somebody wants what was
    // before.
    const bool last = i + 1 == layers_.size(), pooled = takes_in_whole(i + 1), relu = !last && !pooled && !layer.wanted;
    switch (layer.kind) {
      case NetworkLayer::Kind::pool:
        x = takes_in_whole(i)
                ? relu_max_pool(x)
                : at::max_pool2d(x, pool_kernel_, /*stride=*/2, /*padding=*/0, /*dilation=*/1, pool_ceil_);
        continue;
      case NetworkLayer::Kind::convolution:
        x = layer.convolutions.front().forward(x, relu, alone);
        break;
      case NetworkLayer::Kind::fire: {
        const at::Tensor squeezed = layer.convolutions[0].forward(x, true, alone);
        x = at::cat({layer.convolutions[1].forward(squeezed, relu, alone),
                     layer.convolutions[2].forward(squeezed, relu, alone)},
                    1);
        break;
      }
    }
    if (layer.wanted) features[layer.name] = x;
    if (layer.wanted && !last && !pooled) x = at::relu(x);
  }
  return features;
}

}  // namespace atelier
