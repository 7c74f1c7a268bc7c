#include "experiments/features/feature_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/training/tensor_io.h"
#include "tests/command.h"
#include "tests/error_of.h"
#include "tests/experiments/named_numbers.h"
#include "tests/hdf5_file.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

const std::filesystem::path carried =
    std::filesystem::path(ATELIER_SOURCE_DIR) / "experiments/weights/vgg16-conv4_3.safetensors";
using Preprocess = FeatureNetwork::Preprocess;
using testing::HasSubstr;

/// Weights of a network's layers up to `last`, functions of their names.
TensorMap hashed_weights(const NetworkLayout& layout, const std::string& last) {
  TensorMap weights;
  for (const NetworkLayer& layer : layout.layers) {
    for (const FeatureConvolution& stored : layer.convolutions) {
      const std::string weight = stored.stored_name + ".weight", bias = stored.stored_name + ".bias";
      const double fan_in = static_cast<double>(stored.in * stored.kernel * stored.kernel);
      weights[weight] =
          numbers(weight, {stored.out, stored.in, stored.kernel, stored.kernel}, 0, std::sqrt(6 / fan_in));
      weights[bias] = numbers(bias, {stored.out}, 0, 0.125);
    }
    if (layer.name == last) break;
  }
  return weights;
}

/// How the generations of Keras name the weights of a layer: as published, as Keras 2 and a whole model save them, as
/// Keras 3 numbers them.
enum class Keras { published, saved, whole_model, numbered };

std::string keras_path(Keras style, const FeatureConvolution& stored, bool kernel) {
  const std::string& name = stored.keras_names[0];
  switch (style) {
    case Keras::published:
      return format("{0}/{0}_{1}_1:0", name, kernel ? "W" : "b");
    case Keras::saved:
      return format("{0}/{0}/{1}:0", name, kernel ? "kernel" : "bias");
    case Keras::whole_model:
      return format("model_weights/{0}/{0}/{1}:0", name, kernel ? "kernel" : "bias");
    case Keras::numbered:
      return format("layers/{}/vars/{}", stored.keras_names[1], kernel ? 0 : 1);
  }
  return {};
}

/// The same weights as Keras keeps them: H x W x in x out, for pictures whose first channel is blue.
std::map<std::string, Hdf5Array> as_keras(const NetworkLayout& layout, const std::string& last, Keras style) {
  const TensorMap weights = hashed_weights(layout, last);
  std::map<std::string, Hdf5Array> arrays;
  const auto add = [&](const std::string& path, const at::Tensor& tensor) {
    const at::Tensor plain = tensor.contiguous();
    arrays[path] = {plain.sizes().vec(), {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()}};
  };
  for (const NetworkLayer& layer : layout.layers) {
    for (const FeatureConvolution& stored : layer.convolutions) {
      at::Tensor weight = weights.at(stored.stored_name + ".weight");
      if (stored.in == 3) weight = at::stack({weight.select(1, 2), weight.select(1, 1), weight.select(1, 0)}, 1);
      add(keras_path(style, stored, true), weight.permute({2, 3, 1, 0}));
      add(keras_path(style, stored, false), weights.at(stored.stored_name + ".bias"));
    }
    if (layer.name == last) break;
  }
  return arrays;
}

TEST(FeatureNetwork, IsVgg16WrittenOut) {
  at::manual_seed(0);
  const at::Tensor image = at::rand({1, 3, 32, 32});
  const FeatureNetwork network(feature_networks().at("vgg16"), carried, Preprocess::imagenet, {"conv1_2", "conv2_1"});
  const auto features = network.forward(image);
  const TensorMap weights = read_tensors(carried);
  const auto convolve = [&](const at::Tensor& x, const std::string& name) {
    return at::conv2d(x, weights.at(name + ".weight").to(at::kFloat), weights.at(name + ".bias").to(at::kFloat), 1, 1);
  };
  // From the file's metadata: mean (123.68, 116.779, 103.939) / 255 and deviation 1 / 255.
  const at::Tensor mean = at::tensor({123.68f, 116.779f, 103.939f}).view({1, 3, 1, 1});
  const at::Tensor first = at::relu(convolve(image * 255 - mean, "features.0"));
  const at::Tensor second = convolve(first, "features.2");
  const at::Tensor third = convolve(at::max_pool2d(at::relu(second), {2, 2}), "features.5");
  EXPECT_TRUE(at::allclose(features.at("conv1_2"), second, 1e-4, 1e-2));
  EXPECT_TRUE(at::allclose(features.at("conv2_1"), third, 1e-4, 1e-2));
}

TEST(FeatureNetwork, SwappedExchangesRedAndBlueAndNothingElse) {
  const at::Tensor image = at::rand({1, 3, 16, 16});
  const FeatureNetwork plain(feature_networks().at("vgg16"), carried, Preprocess::none, {"conv1_2"});
  const FeatureNetwork swapped(feature_networks().at("vgg16"), carried, Preprocess::swapped, {"conv1_2"});
  EXPECT_TRUE(
      at::allclose(swapped.forward(image).at("conv1_2"), plain.forward(image.flip(1)).at("conv1_2"), 1e-4, 1e-4));
}

TEST(FeatureNetwork, OfAnImageAloneDoesNotDependOnTheOthers) {
  at::manual_seed(2);
  const at::Tensor images = at::rand({4, 3, 40, 24}).contiguous(at::MemoryFormat::ChannelsLast);
  for (const bool winograd : {false, true}) {
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      FeatureNetwork network(feature_networks().at("vgg16"), carried, Preprocess::imagenet, {"conv1_2", "conv3_2"});
      if (winograd && takes_winograd(at::zeros({1, 16, 4, 4}), at::zeros({16, 16, 3, 3})))
        network.use_winograd(WinogradTile::four);
      network.to(type);
      const auto together = network.forward(images, /*alone=*/true);
      for (std::int64_t i = 0; i < 4; ++i) {
        for (const auto& [layer, tensor] : network.forward(images.narrow(0, i, 1))) {
          EXPECT_TRUE(at::equal(together.at(layer).narrow(0, i, 1), tensor)) << layer << " of image " << i;
        }
      }
    }
  }
}

TEST(FeatureNetwork, StopsAtTheDeepestLayerAskedFor) {
  const FeatureNetwork network(feature_networks().at("vgg19"), "random", Preprocess::none, {"conv3_4"});
  const auto features = network.forward(at::rand({2, 3, 32, 32}));
  ASSERT_EQ(features.size(), 1u);
  EXPECT_EQ(features.at("conv3_4").sizes(), (std::vector<std::int64_t>{2, 256, 8, 8}));
}

TEST(FeatureNetwork, IsTorchvisionsSqueezenet) {
  const ScratchFolder folder;
  const NetworkLayout& layout = feature_networks().at("squeezenet1_1");
  write_tensors(folder / "squeezenet.safetensors", hashed_weights(layout, "fire9"));
  const auto golden = nlohmann::json::parse(
      read_text(std::filesystem::path(ATELIER_SOURCE_DIR) / "tests/experiments/squeezenet_golden.json"));
  std::vector<std::string> layers;
  for (const std::string_view name : layer_names(layout)) layers.emplace_back(name);
  FeatureNetwork network(layout, folder / "squeezenet.safetensors", Preprocess::none, layers);
  network.to(at::kDouble);
  const auto features = network.forward(numbers("image", {1, 3, 72, 72}, 0.5, 0.5).to(at::kDouble));
  ASSERT_EQ(features.size(), golden.size());
  for (const auto& [layer, activations] : features) {
    EXPECT_EQ(activations.sizes().vec(), golden.at(layer).at("shape").get<std::vector<std::int64_t>>()) << layer;
    EXPECT_EQ(activations.size(1), network.channels(layer));
    const at::Tensor flat = activations.flatten();
    for (std::int64_t i = 0; i < 8; ++i) {
      EXPECT_NEAR(flat[i * (flat.numel() - 1) / 7].item<double>(), golden.at(layer).at("values").at(i).get<double>(),
                  1e-10)
          << layer;
    }
  }
}

TEST(FeatureNetwork, SaysWhenAnImageIsTooSmall) {
  const FeatureNetwork network(feature_networks().at("squeezenet1_1"), "random", Preprocess::none, {"fire9"});
  EXPECT_EQ(network.forward(at::rand({1, 3, 24, 24})).at("fire9").size(2), 1);
  EXPECT_THAT(error_of<Error>([&] {
                network.forward(at::rand({1, 3, 16, 16}));
              }),
              HasSubstr("images of 16x16 pixels are too small for the layer fire9 of squeezenet1_1"));
}

TEST(FeatureNetwork, ReadsWhatEveryKerasWrites) {
  const ScratchFolder folder;
  const NetworkLayout& layout = feature_networks().at("vgg19");
  write_tensors(folder / "vgg19.safetensors", hashed_weights(layout, "conv2_1"));
  const at::Tensor image = at::rand({1, 3, 16, 16});
  const auto expected =
      FeatureNetwork(layout, folder / "vgg19.safetensors", Preprocess::none, {"conv2_1"}).forward(image);
  for (const Keras style : {Keras::published, Keras::saved, Keras::whole_model, Keras::numbered}) {
    auto arrays = as_keras(layout, "conv2_1", style);
    // What a whole model's file holds besides.
    if (style == Keras::whole_model)
      arrays["optimizer_weights/Adam/block1_conv1/kernel/m:0"] = {{3, 3, 3, 64}, std::vector<float>(1728)};
    write_hdf5(folder / "vgg19.h5", arrays);
    const auto features = FeatureNetwork(layout, folder / "vgg19.h5", Preprocess::none, {"conv2_1"}).forward(image);
    EXPECT_TRUE(at::equal(features.at("conv2_1"), expected.at("conv2_1"))) << static_cast<int>(style);
  }
}

TEST(FeatureNetwork, GivesKerasWeightsTheImagesTheyWereMadeFor) {
  const ScratchFolder folder;
  const NetworkLayout& layout = feature_networks().at("vgg16");
  const auto arrays = as_keras(layout, "conv1_1", Keras::published);
  write_hdf5(folder / "vgg16.h5", arrays);
  const Hdf5Array& kernel = arrays.at("block1_conv1/block1_conv1_W_1:0");
  const Hdf5Array& bias = arrays.at("block1_conv1/block1_conv1_b_1:0");
  const at::Tensor image = at::rand({1, 3, 8, 8});
  const auto convolve = [&](const at::Tensor& x) {  // as Keras does: the file's own channels
    const at::Tensor weight = at::tensor(kernel.values).view({3, 3, 3, 64}).permute({3, 2, 0, 1});
    return at::conv2d(x, weight, at::tensor(bias.values), 1, 1);
  };
  const auto features = [&](Preprocess preprocess) {
    return FeatureNetwork(layout, folder / "vgg16.h5", preprocess, {"conv1_1"}).forward(image).at("conv1_1");
  };
  // keras.applications.vgg16.preprocess_input: blue, green, red in 0 .. 255, without ImageNet's means.
  const at::Tensor mean = at::tensor({103.939f, 116.779f, 123.68f}).view({1, 3, 1, 1});
  EXPECT_TRUE(at::allclose(features(Preprocess::imagenet), convolve(image.flip(1) * 255 - mean), 1e-4, 1e-2));
  // The baseline hands red, green, blue to them as they are.
  EXPECT_TRUE(at::allclose(features(Preprocess::swapped), convolve(image), 1e-5, 1e-5));
}

TEST(FeatureNetwork, SaysWhatAFileOfWeightsLacks) {
  const ScratchFolder folder;
  const auto problem = [&](const char* network, const char* file, const char* layer) {
    return error_of<UsageError>(
        [&] { FeatureNetwork(feature_networks().at(network), folder / file, Preprocess::none, {layer}); });
  };
  const NetworkLayout &vgg16 = feature_networks().at("vgg16"), &vgg19 = feature_networks().at("vgg19");
  write_hdf5(folder / "part.h5", as_keras(vgg19, "conv1_2", Keras::published));
  EXPECT_THAT(problem("vgg19", "part.h5", "conv2_1"),
              HasSubstr("it holds the layers conv1_1, conv1_2); choose one of these, or a file of the whole network"));
  // Another network is recognised even where its first layers would fit.
  write_hdf5(folder / "other.h5", as_keras(vgg19, "conv3_4", Keras::numbered));
  EXPECT_THAT(problem("vgg16", "other.h5", "conv1_1"),
              HasSubstr("is of another network than vgg16: its layers are those of vgg19"));
  write_tensors(folder / "other.safetensors", hashed_weights(vgg16, "conv4_2"));
  EXPECT_THAT(problem("vgg19", "other.safetensors", "conv1_1"), HasSubstr("its layers are those of vgg16"));
  EXPECT_THAT(problem("squeezenet1_1", "other.safetensors", "conv1"), HasSubstr("its layers are those of vgg16"));
  write_hdf5(folder / "foreign.h5", {{"dense/dense/kernel:0", {{2, 2}, {1, 2, 3, 4}}}});
  EXPECT_THAT(problem("vgg16", "foreign.h5", "conv1_1"),
              HasSubstr("is of another network than vgg16: it holds dense/dense/kernel:0"));
  write_hdf5(folder / "shape.h5", {{"block1_conv1/kernel:0", {{3, 3, 3, 2}, std::vector<float>(54)}}});
  EXPECT_THAT(problem("vgg16", "shape.h5", "conv1_1"),
              HasSubstr("the weight of conv1_1 has the shape [2, 3, 3, 3], expected [64, 3, 3, 3]"));
  auto twice = as_keras(vgg16, "conv1_1", Keras::published);
  twice["copy/block1_conv1/kernel:0"] = {{3, 3, 3, 64}, std::vector<float>(1728)};
  write_hdf5(folder / "twice.h5", twice);
  EXPECT_THAT(problem("vgg16", "twice.h5", "conv1_1"), HasSubstr("may be the weights of block1_conv1"));
}

}  // namespace
}  // namespace atelier
