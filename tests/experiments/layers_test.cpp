#include <gtest/gtest.h>

#include <cmath>

#include "experiments/layers/convolution.h"
#include "experiments/layers/initialization.h"
#include "experiments/layers/normalization.h"
#include "tests/serial_network.h"

namespace atelier {
namespace {

at::Tensor ones_kernel(Convolution& convolution) {
  const at::NoGradGuard no_grad;
  convolution.weight.fill_(1);
  return convolution.weight;
}

TEST(Convolution, PadsLikeTensorFlowAtStrideTwo) {
  SerialNetwork network(0);
  Convolution convolution({.in = 1, .out = 1, .kernel = 3, .stride = 2}, network);
  ones_kernel(convolution);
  const at::Tensor x = at::arange(16, at::kFloat).view({1, 1, 4, 4});
  // Windows begin at rows and columns 0 and 2; what sticks out at the bottom and right is zero. By hand:
  // 0+1+2+4+5+6+8+9+10 = 45, 2+3+6+7+10+11 = 39, 8+9+10+12+13+14 = 66, 10+11+14+15 = 50.
  const at::Tensor expected = at::tensor({45.0f, 39.0f, 66.0f, 50.0f}).view({1, 1, 2, 2});
  EXPECT_TRUE(at::equal(convolution.forward(x), expected));
}

TEST(Convolution, KeepsTheSizeAtStrideOneWithEitherPadding) {
  SerialNetwork network(0);
  const at::Tensor x = at::arange(25, at::kFloat).view({1, 1, 5, 5});
  for (const Padding padding : {Padding::zero, Padding::reflect}) {
    Convolution convolution({.in = 1, .out = 1, .kernel = 3, .padding = padding}, network);
    ones_kernel(convolution);
    const at::Tensor y = convolution.forward(x);
    EXPECT_EQ(y.sizes(), x.sizes());
    // The corner's window: zeros, or the mirror image (6 5 6 / 1 0 1 / 6 5 6) around the corner.
    EXPECT_EQ(y[0][0][0][0].item<float>(), padding == Padding::zero ? 0 + 1 + 5 + 6 : 6 + 5 + 6 + 1 + 0 + 1 + 6 + 5 + 6);
  }
}

// The transposed convolution is defined as the gradient of the strided one: <conv(x), y> = <x, transposed(y)>.
TEST(TransposedConvolution, IsTheAdjointOfTheStridedOne) {
  SerialNetwork network(3);
  Convolution strided({.in = 2, .out = 3, .kernel = 3, .stride = 2}, network);
  TransposedConvolution transposed(3, 2, network);
  strided.to(at::kDouble);
  transposed.to(at::kDouble);
  const at::NoGradGuard no_grad;
  transposed.weight.copy_(strided.weight);
  at::manual_seed(1);
  const at::Tensor x = at::randn({1, 2, 8, 8}, at::kDouble), y = at::randn({1, 3, 4, 4}, at::kDouble);
  const double left = (strided.forward(x) * y).sum().item<double>(), right = (x * transposed.forward(y)).sum().item<double>();
  EXPECT_NEAR(left, right, 1e-12);
}

TEST(LayerNorm, IsOverTheWholeImageWithEpsilonBesideTheDeviation) {
  const auto norm = make_norm("layer", 2, SerialNetwork(0));
  const at::Tensor x = at::tensor({1.0, 2.0, 3.0, 6.0, 10.0, 10.0, 10.0, 10.0}, at::kDouble).view({2, 2, 1, 2});
  norm->to(at::kDouble);
  const at::Tensor y = norm->forward(x, Activation::none);
  // The first image: mean 3, squared deviations 4 1 0 9, deviation sqrt(14/4).
  const double scale = 1 / (std::sqrt(3.5) + 1e-3);
  EXPECT_NEAR(y[0][0][0][0].item<double>(), -2 * scale, 1e-12);
  EXPECT_NEAR(y[0][1][0][1].item<double>(), 3 * scale, 1e-12);
  EXPECT_NEAR(y[1].abs().max().item<double>(), 0, 1e-12);
  EXPECT_EQ(norm->parameters().size(), 2u);
  for (const at::Tensor& parameter : norm->parameters()) EXPECT_EQ(parameter.numel(), 1);
}

TEST(Norm, AppliesTheActivationAfterIt) {
  for (const char* name : {"layer", "instance", "group", "none"}) {
    const auto norm = make_norm(name, 4, SerialNetwork(0));
    at::manual_seed(2);
    const at::Tensor x = at::randn({1, 4, 8, 8});
    EXPECT_TRUE(at::allclose(norm->forward(x, Activation::leaky_relu), at::leaky_relu(norm->forward(x, Activation::none), 0.2))) << name;
  }
}

TEST(Initializer, HeNormalHasItsVarianceAndIsTruncated) {
  Initializer initializer(5);
  const at::Tensor weight = at::empty({64, 32, 3, 3});
  initializer.he_normal(weight, 32 * 9);
  const double deviation = std::sqrt(2.0 / (32 * 9));
  const auto n = static_cast<double>(weight.numel());
  EXPECT_NEAR(weight.std().item<double>(), deviation, 5 * deviation / std::sqrt(2 * n));
  EXPECT_LE(weight.abs().max().item<double>(), 2 * deviation / 0.8796 * 1.0001);
}

TEST(Initializer, GlorotUniformFillsItsInterval) {
  Initializer initializer(5);
  const at::Tensor weight = at::empty({3, 64, 7, 7});
  initializer.glorot_uniform(weight, 64 * 49, 3 * 49);
  const double limit = std::sqrt(6.0 / (67 * 49));
  EXPECT_LE(weight.abs().max().item<double>(), limit);
  EXPECT_GT(weight.abs().max().item<double>(), 0.99 * limit);
}

}  // namespace
}  // namespace atelier
