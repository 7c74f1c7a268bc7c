#include <gtest/gtest.h>

#include <cmath>

#include "experiments/losses/adversarial.h"
#include "experiments/losses/perceptual.h"

namespace atelier {
namespace {

at::Tensor vector(std::vector<double> values) { return at::tensor(values, at::kDouble); }

TEST(AdversarialLoss, MatchesItsFormulas) {
  const at::Tensor logits = vector({0.5, -2});
  const auto log_sigmoid = [](double x) { return -std::log1p(std::exp(-x)); };
  const AdversarialLoss bce("bce"), lsgan("lsgan"), hinge("hinge");
  EXPECT_NEAR(bce.real(logits).item<double>(), -(log_sigmoid(0.5) + log_sigmoid(-2)) / 2, 1e-12);
  EXPECT_NEAR(bce.fake(logits).item<double>(), -(log_sigmoid(-0.5) + log_sigmoid(2)) / 2, 1e-12);
  EXPECT_NEAR(bce.generator(logits).item<double>(), bce.real(logits).item<double>(), 0);
  EXPECT_NEAR(lsgan.real(logits).item<double>(), (0.25 + 9) / 2, 1e-12);
  EXPECT_NEAR(lsgan.fake(logits).item<double>(), (0.25 + 4) / 2, 1e-12);
  EXPECT_NEAR(hinge.real(logits).item<double>(), (0.5 + 3) / 2, 1e-12);
  EXPECT_NEAR(hinge.fake(logits).item<double>(), (1.5 + 0) / 2, 1e-12);
  EXPECT_NEAR(hinge.generator(logits).item<double>(), 0.75, 1e-12);
}

TEST(AdversarialLoss, StaysFiniteForLargeLogits) {
  EXPECT_NEAR(AdversarialLoss("bce").fake(vector({1e4})).item<double>(), 1e4, 1e-6);
  EXPECT_NEAR(AdversarialLoss("bce").real(vector({-1e4})).item<double>(), 1e4, 1e-6);
}

TEST(GramMatrix, IsTheProductOfChannelsOverTheirNumber) {
  const at::Tensor features = vector({1, 2, 3, 4, 5, 6}).view({1, 2, 1, 3});  // channels (1 2 3) and (4 5 6)
  const at::Tensor gram = gram_matrix(features);
  EXPECT_NEAR(gram[0][0][0].item<double>(), 14.0 / 6, 1e-12);
  EXPECT_NEAR(gram[0][0][1].item<double>(), 32.0 / 6, 1e-12);
  EXPECT_NEAR(gram[0][1][1].item<double>(), 77.0 / 6, 1e-12);
}

TEST(ColorDistance, IsZeroForEqualAndYForGray) {
  const at::Tensor a = at::rand({2, 3, 4, 4}, at::kDouble);
  EXPECT_EQ(color_distance(a, a).item<double>(), 0);
  // A gray shift changes Y by itself and neither U nor V.
  EXPECT_NEAR(color_distance(a, a + 0.1).item<double>(), 0.1, 1e-6);
  // Red by 0.1: Y 0.0299, U -0.0147, V 0.0615; half the squares of the last two.
  at::Tensor red = a.clone();
  red.select(1, 0) += 0.1;
  EXPECT_NEAR(color_distance(a, red).item<double>(), 0.0299 + (0.0147 * 0.0147 + 0.0615 * 0.0615) / 2, 1e-5);
}

TEST(TotalVariation, IsTheMeanSquareOfNeighbours) {
  const at::Tensor image = vector({0, 1, 3, 3}).view({1, 1, 2, 2});
  EXPECT_NEAR(total_variation(image).item<double>(), (9 + 4) / 2.0 + (1 + 0) / 2.0, 1e-12);
}

TEST(Distance, IsAMean) {
  EXPECT_NEAR(distance("l1", vector({1, 2}), vector({0, 5})).item<double>(), 2, 1e-12);
  EXPECT_NEAR(distance("l2", vector({1, 2}), vector({0, 5})).item<double>(), 5, 1e-12);
}

}  // namespace
}  // namespace atelier
