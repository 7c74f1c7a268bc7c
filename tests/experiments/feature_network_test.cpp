#include "experiments/features/feature_network.h"

#include <gtest/gtest.h>

#include "framework/training/tensor_io.h"

namespace atelier {
namespace {

const std::filesystem::path carried = std::filesystem::path(ATELIER_SOURCE_DIR) / "experiments/weights/vgg16-conv4_3.safetensors";
using Preprocess = FeatureNetwork::Preprocess;

TEST(FeatureNetwork, IsVgg16WrittenOut) {
  at::manual_seed(0);
  const at::Tensor image = at::rand({1, 3, 32, 32});
  const FeatureNetwork network(network_layout("vgg16"), carried, Preprocess::imagenet, {"conv1_2", "conv2_1"});
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
  const FeatureNetwork plain(network_layout("vgg16"), carried, Preprocess::none, {"conv1_2"});
  const FeatureNetwork swapped(network_layout("vgg16"), carried, Preprocess::swapped, {"conv1_2"});
  EXPECT_TRUE(at::allclose(swapped.forward(image).at("conv1_2"), plain.forward(image.flip(1)).at("conv1_2"), 1e-4, 1e-4));
}

TEST(FeatureNetwork, StopsAtTheDeepestLayerAskedFor) {
  const FeatureNetwork network(network_layout("vgg19"), "random", Preprocess::none, {"conv3_4"});
  const auto features = network.forward(at::rand({2, 3, 32, 32}));
  ASSERT_EQ(features.size(), 1u);
  EXPECT_EQ(features.at("conv3_4").sizes(), (std::vector<std::int64_t>{2, 256, 8, 8}));
}

}  // namespace
}  // namespace atelier
