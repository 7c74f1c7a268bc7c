#include <gtest/gtest.h>

#include <cmath>

#include "framework/kernels/winograd_convolution.h"

namespace atelier {
namespace {

struct Gradients {
  at::Tensor y, dx, dw, db;
};

/// The convolution and its gradients along a fixed direction.
template <class Convolve>
Gradients run(at::ScalarType type, const at::Tensor& x0, const at::Tensor& w0, const at::Tensor& b0,
              const at::Tensor& direction, Convolve convolve) {
  const auto leaf = [&](const at::Tensor& t) { return t.to(type).detach().clone().requires_grad_(); };
  const at::Tensor x = leaf(x0), w = leaf(w0), b = leaf(b0);
  const at::Tensor y = convolve(x, w, b);
  (y * direction.to(type)).sum().backward();
  return {y.detach(), x.grad(), w.grad(), b.grad()};
}

/// Largest difference relative to the root mean square.
double difference(const at::Tensor& a, const at::Tensor& exact) {
  return ((a.to(at::kDouble) - exact).abs().max() / exact.square().mean().sqrt()).item<double>();
}

class Winograd : public testing::TestWithParam<WinogradTile> {
 protected:
  void SetUp() override {
    if (!takes_winograd(at::zeros({1, 16, 4, 4}), at::zeros({16, 16, 3, 3})))
      GTEST_SKIP() << "neither AVX2 nor AVX-512 here";
  }
};

// Sizes that tiles do not divide, borders on all sides, half panels of channels, several images.
TEST_P(Winograd, IsTheConvolutionAndItsGradients) {
  at::manual_seed(3);
  struct Case {
    std::int64_t images, in, out, height, width;
  };
  for (const std::int64_t padding : {0, 1, 2})
    for (const Case& c :
         {Case{1, 16, 16, 8, 8}, {2, 32, 48, 7, 9}, {3, 16, 64, 3, 5}, {1, 48, 16, 33, 18}, {2, 64, 96, 16, 16}}) {
      const at::Tensor x = at::randn({c.images, c.in, c.height, c.width}), w = at::randn({c.out, c.in, 3, 3}) / 12,
                       b = at::randn({c.out}),
                       direction = at::randn({c.images, c.out, c.height + 2 * padding - 2, c.width + 2 * padding - 2});
      const Gradients exact = run(at::kDouble, x, w, b, direction, [=](const auto& x_, const auto& w_, const auto& b_) {
        return at::conv2d(x_, w_, b_, 1, padding);
      });
      const Gradients ours = run(at::kFloat, x, w, b, direction, [=](const auto& x_, const auto& w_, const auto& b_) {
        return winograd_convolution(x_, w_, b_, GetParam(), padding);
      });
      const double tolerance = GetParam() == WinogradTile::two ? 1e-5 : 1e-4;
      EXPECT_LT(difference(ours.y, exact.y), tolerance) << c.height;
      EXPECT_LT(difference(ours.dx, exact.dx), tolerance) << c.height;
      EXPECT_LT(difference(ours.dw, exact.dw), tolerance) << c.height;
      EXPECT_LT(difference(ours.db, exact.db), tolerance) << c.height;
    }
}

TEST_P(Winograd, WithReluItIsTheConvolutionThenReluFrozenOrNot) {
  at::manual_seed(4);
  const at::Tensor x = at::randn({2, 16, 9, 6}), w = at::randn({32, 16, 3, 3}) / 12, b = at::randn({32}),
                   direction = at::randn({2, 32, 9, 6});
  const Gradients exact = run(at::kDouble, x, w, b, direction, [](const auto& x_, const auto& w_, const auto& b_) {
    return at::relu(at::conv2d(x_, w_, b_, 1, 1));
  });
  const Gradients ours = run(at::kFloat, x, w, b, direction, [](const auto& x_, const auto& w_, const auto& b_) {
    return winograd_convolution(x_, w_, b_, GetParam(), /*padding=*/1, /*relu=*/true);
  });
  const FrozenWinograd frozen(w, GetParam());
  const at::Tensor leaf = x.clone().requires_grad_();
  const at::Tensor y = winograd_convolution(leaf, frozen, b, /*relu=*/true);
  (y * direction).sum().backward();
  const double tolerance = GetParam() == WinogradTile::two ? 1e-5 : 1e-4;
  EXPECT_LT(difference(ours.y, exact.y), tolerance);
  EXPECT_LT(difference(ours.dx, exact.dx), tolerance);
  EXPECT_LT(difference(ours.dw, exact.dw), tolerance);
  EXPECT_LT(difference(ours.db, exact.db), tolerance);
  EXPECT_TRUE(at::equal(y.detach(), ours.y));
  EXPECT_TRUE(at::equal(leaf.grad(), ours.dx));
}

// Images of 16 bits are rounded where they are written and nowhere else: gradients of weights, which are not, are as
// exact as ever.
TEST_P(Winograd, OfHalfThePrecisionIsRoundedOnce) {
  at::manual_seed(6);
  const auto rounded = [](const at::Tensor& t) { return t.to(at::kBFloat16).to(at::kFloat); };
  const at::Tensor x = rounded(at::randn({2, 32, 9, 14})), w = at::randn({48, 32, 3, 3}) / 12, b = at::randn({48}),
                   direction = rounded(at::randn({2, 48, 9, 14}));
  const Gradients exact = run(at::kDouble, x, w, b, direction, [](const auto& x_, const auto& w_, const auto& b_) {
    return at::conv2d(x_, w_, b_, 1, 1);
  });
  const Gradients ours = run(at::kFloat, x, w, b, direction, [](const auto& x_, const auto& w_, const auto& b_) {
    return winograd_convolution(x_.to(at::kBFloat16), w_, b_, GetParam()).to(at::kFloat);
  });
  const double own = GetParam() == WinogradTile::two ? 1e-5 : 1e-4;
  const auto expect_rounded = [&](const at::Tensor& found, const at::Tensor& expected) {
    const at::Tensor scale = expected.square().mean().sqrt();
    EXPECT_TRUE(
        ((found.to(at::kDouble) - expected).abs() <= expected.abs() / 256 + 2 * own * scale).all().item<bool>());
  };
  expect_rounded(ours.y, exact.y);
  expect_rounded(ours.dx, exact.dx);
  EXPECT_LT(difference(ours.dw, exact.dw), own);
  EXPECT_LT(difference(ours.db, exact.db), own);
  const FrozenWinograd frozen(w, GetParam());
  const at::Tensor leaf = x.to(at::kBFloat16).requires_grad_();
  const at::Tensor y = winograd_convolution(leaf, frozen, b, /*relu=*/true);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(at::equal(y.detach().to(at::kFloat), at::relu(ours.y)));
  y.sum().backward();
  EXPECT_EQ(leaf.grad().scalar_type(), at::kBFloat16);
}

TEST_P(Winograd, KeepsWhatIsNotANumberInHalfThePrecision) {
  const at::Tensor x = at::ones({1, 16, 8, 8}), w = at::ones({16, 16, 3, 3});
  x[0][3][4][4] = std::nanf("");
  const at::Tensor y = winograd_convolution(x.to(at::kBFloat16), w, {}, GetParam());
  EXPECT_TRUE(at::isnan(y[0][0][4][4]).item<bool>());
}

TEST_P(Winograd, OfAnImageDoesNotDependOnTheOthers) {
  at::manual_seed(7);
  const at::Tensor x = at::randn({5, 32, 10, 10}), w = at::randn({64, 32, 3, 3}), b = at::randn({64});
  const at::Tensor together = winograd_convolution(x, w, b, GetParam());
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(at::equal(winograd_convolution(x.narrow(0, i, 1), w, b, GetParam()), together.narrow(0, i, 1))) << i;
  }
}

TEST_P(Winograd, DoesNotDependOnTheNumberOfThreads) {
  at::manual_seed(5);
  const at::Tensor x = at::randn({1, 64, 40, 40}), w = at::randn({64, 64, 3, 3}), b = at::randn({64}),
                   direction = at::randn({1, 64, 40, 40});
  const int threads = at::get_num_threads();
  std::vector<Gradients> results;
  for (const int n : {1, 2, 3}) {
    at::set_num_threads(n);
    results.push_back(run(at::kFloat, x, w, b, direction, [](const auto& x_, const auto& w_, const auto& b_) {
      return winograd_convolution(x_, w_, b_, GetParam());
    }));
  }
  at::set_num_threads(threads);
  for (std::size_t i = 1; i < results.size(); ++i) {
    EXPECT_TRUE(at::equal(results[i].y, results[0].y));
    EXPECT_TRUE(at::equal(results[i].dx, results[0].dx));
    EXPECT_TRUE(at::equal(results[i].dw, results[0].dw));
  }
}

INSTANTIATE_TEST_SUITE_P(Tiles, Winograd, testing::Values(WinogradTile::two, WinogradTile::four),
                         [](const auto& tested) { return tested.param == WinogradTile::two ? "Two" : "Four"; });

TEST(WinogradTakes, OnlyWhatItCanCompute) {
  const at::Tensor x = at::zeros({1, 16, 8, 8});
  EXPECT_FALSE(takes_winograd(x, at::zeros({16, 16, 7, 7})));
  EXPECT_FALSE(takes_winograd(x.narrow(1, 0, 3), at::zeros({16, 3, 3, 3})));
  EXPECT_FALSE(takes_winograd(x, at::zeros({1, 16, 3, 3})));
  EXPECT_FALSE(takes_winograd(x.to(at::kDouble), at::zeros({16, 16, 3, 3})));
}

}  // namespace
}  // namespace atelier
