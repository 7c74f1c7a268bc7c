#include <gtest/gtest.h>

#include <cmath>

#include "experiments/layers/convolution.h"
#include "experiments/layers/initialization.h"
#include "experiments/layers/normalization.h"
#include "experiments/layers/norms.h"
#include "experiments/layers/spectral_norm.h"
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
    EXPECT_EQ(y[0][0][0][0].item<float>(),
              padding == Padding::zero ? 0 + 1 + 5 + 6 : 6 + 5 + 6 + 1 + 0 + 1 + 6 + 5 + 6);
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
  const double left = (strided.forward(x) * y).sum().item<double>(),
               right = (x * transposed.forward(y)).sum().item<double>();
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
  for (const std::string_view name : norms().names()) {
    SerialNetwork network(0);
    const auto norm = make_norm(std::string(name), 4, network);
    at::manual_seed(2);
    const at::Tensor x = at::randn({1, 4, 8, 8});
    EXPECT_TRUE(
        at::allclose(norm->forward(x, Activation::leaky_relu), at::leaky_relu(norm->forward(x, Activation::none), 0.2)))
        << name;
  }
}

// By hand: channels (1, 3) and (0, 4) have means 2 and 2, variances 1 and 4. W = (1 1 / 0 2) makes t = (1, 7) and
// (0, 8): means 4 and 4, variances 9 and 16. So each channel becomes 4 -+ 3 and 4 -+ 4.
TEST(Lade, HasTheMomentsOfAPointwiseConvolutionOfItsInput) {
  const auto norm = make_norm("lade", 2, SerialNetwork(0));
  norm->to(at::kDouble);
  ASSERT_EQ(norm->parameters().size(), 1u);
  {
    const at::NoGradGuard no_grad;
    norm->parameters()[0].copy_(at::tensor({1.0, 1.0, 0.0, 2.0}).view({2, 2, 1, 1}));
  }
  const at::Tensor x = at::tensor({1.0, 3.0, 0.0, 4.0}, at::kDouble).view({1, 2, 1, 2});
  const at::Tensor expected = at::tensor({1.0, 7.0, 0.0, 8.0}, at::kDouble).view({1, 2, 1, 2});
  EXPECT_TRUE(
      at::allclose(norm->forward(x, Activation::none), expected, 0, 3e-5));  // epsilon is 1e-5 beside variances of 1
}

// What the mean and deviation of the output are does not depend on the formula's order: those of W x.
TEST(Lade, OfManyImagesIsThatOfEachAndHasItsConvolutionsMoments) {
  const auto norm = make_norm("lade", 5, SerialNetwork(6));
  norm->to(at::kDouble);
  at::manual_seed(8);
  const at::Tensor x = at::randn({3, 5, 7, 9}, at::kDouble) * 4 + 2;
  const at::Tensor y = norm->forward(x, Activation::none);
  EXPECT_TRUE(at::allclose(y.narrow(0, 1, 1), norm->forward(x.narrow(0, 1, 1), Activation::none)));
  const at::Tensor t = at::conv2d(x, norm->parameters()[0]);
  EXPECT_TRUE(at::allclose(y.mean({2, 3}), t.mean({2, 3})));
  EXPECT_TRUE(at::allclose(y.std({2, 3}, false), t.std({2, 3}, false), 1e-5));
}

TEST(SpectralNorm, FindsTheLargestSingularValue) {
  at::manual_seed(1);
  Initializer initializer(2);
  const at::Tensor weight = at::randn({24, 8, 3, 3}, at::kDouble);
  SpectralNorm norm(weight, initializer);
  const double largest = std::get<1>(at::linalg_svd(weight.flatten(1)))[0].item<double>();
  EXPECT_LT(std::abs(norm.sigma().item<double>() / largest - 1), 0.1);  // near from the start
  for (int i = 0; i < 2000; ++i) norm.iterate();
  EXPECT_NEAR(norm.sigma().item<double>(), largest, 1e-9);
  EXPECT_TRUE(at::allclose(norm.forward(), weight / largest));
}

// Miyato et al., equation 12, whose lambda here is the product of the gradient and the normalised weight:
// (G - lambda u v^T) / sigma.
TEST(SpectralNorm, HasTheGradientOfItsPaper) {
  at::manual_seed(1);
  Initializer initializer(2);
  const at::Tensor weight = at::randn({6, 2, 3, 3}, at::kDouble).requires_grad_();
  SpectralNorm norm(weight, initializer);
  const at::Tensor gradient = at::randn_like(weight), normalised = norm.forward();
  (normalised * gradient).sum().backward();
  const at::Tensor u = norm.named_buffers()["u"], v = norm.named_buffers()["v"];
  const at::Tensor lambda = (gradient * normalised).sum().detach();
  const at::Tensor expected = (gradient.flatten(1) - lambda * at::outer(u, v)) / norm.sigma().detach();
  EXPECT_TRUE(at::allclose(weight.grad().flatten(1), expected, 1e-10, 1e-12));
}

// A depthwise convolution is one small convolution a channel.
TEST(Convolution, OfAsManyGroupsAsChannelsKeepsThemApart) {
  SerialNetwork network(7);
  Convolution depthwise({.in = 3, .out = 3, .padding = Padding::reflect, .groups = 3}, network);
  EXPECT_EQ(depthwise.weight.sizes(), (std::vector<std::int64_t>{3, 1, 3, 3}));
  at::manual_seed(2);
  const at::Tensor x = at::randn({2, 3, 6, 5}), y = depthwise.forward(x);
  for (std::int64_t c = 0; c < 3; ++c) {
    Convolution alone({.in = 1, .out = 1, .padding = Padding::reflect}, network);
    const at::NoGradGuard no_grad;
    alone.weight.copy_(depthwise.weight.narrow(0, c, 1));
    EXPECT_TRUE(at::allclose(y.narrow(1, c, 1), alone.forward(x.narrow(1, c, 1)), 1e-5, 1e-6));
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

TEST(GroupNorm, IsNeverInstanceNormalisationByAnotherName) {
  at::manual_seed(1);
  for (const std::int64_t channels : {4, 16, 32, 48, 64}) {
    SerialNetwork network(0);
    const at::Tensor x = at::randn({2, channels, 6, 6}) + at::arange(channels, at::kFloat).view({1, -1, 1, 1});
    const at::Tensor group = make_norm("group", channels, network)->forward(x, Activation::relu, {});
    const at::Tensor instance = make_norm("instance", channels, network)->forward(x, Activation::relu, {});
    EXPECT_GT((group - instance).abs().max().item<double>(), 0.1) << channels;
  }
}

}  // namespace
}  // namespace atelier
