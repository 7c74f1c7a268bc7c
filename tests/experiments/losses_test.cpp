#include <gtest/gtest.h>

#include <cmath>

#include "experiments/discriminators/discriminator.h"
#include "experiments/losses/adversarial.h"
#include "experiments/losses/gradient_penalty.h"
#include "experiments/losses/loss_table.h"
#include "experiments/losses/perceptual.h"
#include "framework/core/error.h"
#include "tests/experiments/named_numbers.h"
#include "tests/serial_network.h"

namespace atelier {
namespace {

at::Tensor vector(std::vector<double> values) { return at::tensor(values, at::kDouble); }

TEST(AdversarialLoss, MatchesItsFormulas) {
  const at::Tensor logits = vector({0.5, -2});
  const auto log_sigmoid = [](double x) { return -std::log1p(std::exp(-x)); };
  EXPECT_NEAR(bce_loss.real(logits).item<double>(), -(log_sigmoid(0.5) + log_sigmoid(-2)) / 2, 1e-12);
  EXPECT_NEAR(bce_loss.fake(logits).item<double>(), -(log_sigmoid(-0.5) + log_sigmoid(2)) / 2, 1e-12);
  EXPECT_NEAR(bce_loss.generator(logits).item<double>(), bce_loss.real(logits).item<double>(), 0);
  EXPECT_NEAR(lsgan_loss.real(logits).item<double>(), (0.25 + 9) / 2, 1e-12);
  EXPECT_NEAR(lsgan_loss.fake(logits).item<double>(), (0.25 + 4) / 2, 1e-12);
  EXPECT_NEAR(hinge_loss.real(logits).item<double>(), (0.5 + 3) / 2, 1e-12);
  EXPECT_NEAR(hinge_loss.fake(logits).item<double>(), (1.5 + 0) / 2, 1e-12);
  EXPECT_NEAR(hinge_loss.generator(logits).item<double>(), 0.75, 1e-12);
}

TEST(AdversarialLoss, StaysFiniteForLargeLogits) {
  EXPECT_NEAR(bce_loss.fake(vector({1e4})).item<double>(), 1e4, 1e-6);
  EXPECT_NEAR(bce_loss.real(vector({-1e4})).item<double>(), 1e4, 1e-6);
}

TEST(AdversarialLoss, HasARowForEveryNameAndNoOther) {
  EXPECT_EQ(&adversarial_loss("bce"), &bce_loss);
  EXPECT_EQ(&adversarial_loss("wgan-gp"), &wgan_gp_loss);
  EXPECT_THROW(adversarial_loss("none"), UsageError);
}

TEST(LossTable, HoldsTheTermsWithAWeightInTheOrderOfRecords) {
  LossSpec spec;
  spec.style.weight = 0;
  spec.tv.weight = 0.5;
  spec.adversarial = {.kind = "wgan-gp", .weight = 0, .penalty = 10};
  EXPECT_EQ(
      LossTable(spec, Side::generator).names(),
      (std::vector<std::string>{"generator.adversarial", "generator.content", "generator.tv", "generator.total"}));
  EXPECT_EQ(LossTable(spec, Side::discriminator).names(),
            (std::vector<std::string>{"discriminator.real", "discriminator.fake", "discriminator.smooth",
                                      "discriminator.penalty", "discriminator.total"}));
  spec.adversarial.kind = "bce";  // has no penalty
  spec.smooth.weight = 0;
  EXPECT_EQ(LossTable(spec, Side::discriminator).names(),
            (std::vector<std::string>{"discriminator.real", "discriminator.fake", "discriminator.total"}));
}

TEST(LossTable, WeighsTheTermsByTheWeightsItIsGiven) {
  LossSpec spec;
  spec.content.weight = spec.style.weight = 0;
  spec.tv.weight = 1;
  spec.adversarial.weight = 1;
  const LossTable table(spec, Side::generator);
  for (const at::ScalarType type : {at::kFloat, at::kDouble}) {
    // Softplus of 0 is ln 2; neighbours differ by 1 and 2 down, 1 across.
    LossContext context{.output = at::tensor({0.0, 1.0, 1.0, 2.0}).view({1, 1, 2, 2}).to(type),
                        .output_logits = {at::zeros({3}, type)},
                        .adversarial = &bce_loss};
    const std::vector<at::Tensor> values = table.values(context, {}, vector({3, 0.25}), {});
    ASSERT_EQ(values.size(), 3u);
    EXPECT_NEAR(values[0].item<double>(), std::log(2), 1e-6);
    EXPECT_NEAR(values[1].item<double>(), 1 + 1, 1e-6);
    EXPECT_NEAR(values[2].item<double>(), 3 * std::log(2) + 0.25 * 2, 1e-6);
    EXPECT_EQ(values[2].scalar_type(), type);
  }
}

TEST(GramMatrix, IsTheProductOfChannelsOverTheirNumber) {
  const at::Tensor features = vector({1, 2, 3, 4, 5, 6}).view({1, 2, 1, 3});  // channels (1 2 3) and (4 5 6)
  const at::Tensor gram = gram_matrix(features);
  EXPECT_NEAR(gram[0][0][0].item<double>(), 14.0 / 6, 1e-12);
  EXPECT_NEAR(gram[0][0][1].item<double>(), 32.0 / 6, 1e-12);
  EXPECT_NEAR(gram[0][1][1].item<double>(), 77.0 / 6, 1e-12);
}

TEST(GramMatrix, IsDividedByChannelsOrNot) {
  const at::Tensor features = numbers("features", {2, 5, 3, 4}, 0, 1);
  EXPECT_TRUE(at::allclose(gram_matrix(features, "hw"), 5 * gram_matrix(features, "hwc")));
  // (1 2) and (3 4) over 2 pixels.
  const at::Tensor gram = gram_matrix(vector({1, 2, 3, 4}).view({1, 2, 1, 2}), "hw");
  EXPECT_TRUE(at::allclose(gram, vector({2.5, 5.5, 5.5, 12.5}).view({1, 2, 2})));
  EXPECT_THROW(gram_matrix(features, "hwcn"), Error);
}

TEST(PerceptualLoss, AddsWeightedDistancesOfItsLayers) {
  // One channel each. Features of output and target: layer a (1, 2) and (1, 4); layer b (5) and (2).
  const Features output{{"a", vector({1, 2}).view({1, 1, 1, 2})}, {"b", vector({5}).view({1, 1, 1, 1})}};
  const Features target{{"a", vector({1, 4}).view({1, 1, 1, 2})}, {"b", vector({2}).view({1, 1, 1, 1})}, {"c", {}}};
  ContentLoss content;
  content.layers = {"a", "b"};
  content.layer_weights = {10, 1};
  EXPECT_NEAR(content.value({.features = output, .target = target}).item<double>(), 10 * 1 + 3, 1e-12);
  // Gram matrices: a 5 / 2 and 17 / 2, b 25 and 4.
  StyleLoss style;
  style.layers = {"a", "b"};
  style.distance = "l2";
  const Features grams = style.target(target);
  EXPECT_EQ(grams.size(), 2u);
  EXPECT_NEAR(style.value({.features = output, .target = grams}).item<double>(), 36 + 441, 1e-12);
  style.distance = "l1";
  style.layer_weights = {0.5, 2};
  EXPECT_NEAR(style.value({.features = output, .target = grams}).item<double>(), 0.5 * 6 + 2 * 21, 1e-12);
}

TEST(PerceptualLoss, HonoursTheScalingOfGramMatricesOnBothSides) {
  const Features output{{"a", numbers("output", {1, 4, 3, 3}, 0, 1)}},
      target{{"a", numbers("target", {1, 4, 3, 3}, 0, 1)}};
  StyleLoss style;
  style.layers = {"a"};
  const double hwc = style.value({.features = output, .target = style.target(target)}).item<double>();
  style.gram = "hw";
  EXPECT_NEAR(style.value({.features = output, .target = style.target(target)}).item<double>(), 4 * hwc, 1e-6);
}

TEST(GradientPenalty, IsTheSquaredDistanceOfTheSlopeToOne) {
  // A patch a pixel, each the product of its colour and (3, 4, 12), 13 long. The mean of 2 x 2 of them has the slope
  // 13 / 4 at each pixel, 13 / 2 in all.
  const at::Tensor weights = vector({3, 4, 12}).view({1, 3, 1, 1}).requires_grad_();
  const auto linear = [&](const at::Tensor& x) { return (x * weights).sum(1, true); };
  const at::Tensor real = at::rand({2, 3, 2, 2}, at::kDouble), fake = at::rand({2, 3, 2, 2}, at::kDouble);
  const at::Tensor penalty = gradient_penalty(linear, real, fake, at::rand({2, 1, 1, 1}, at::kDouble));
  EXPECT_NEAR(penalty.item<double>(), 5.5 * 5.5, 1e-9);
  penalty.backward();
  // 2 (|w| / 2 - 1) times the derivative of |w| / 2, which is w / (2 |w|).
  EXPECT_TRUE(at::allclose(weights.grad().flatten(), 11 * vector({3, 4, 12}) / 26, 1e-9, 1e-9)) << weights.grad();
}

TEST(GradientPenalty, LooksBetweenThePicturesOfEachPair) {
  // The critic x^2 / 2 of one number has the slope x. Between 2 and 0, with a part of 0.25 and 1 of the real one: 0.5
  // and 2.
  const at::Tensor one = at::ones({1}, at::kDouble).requires_grad_();
  const auto square = [&](const at::Tensor& x) { return one * x.square() / 2; };
  const at::Tensor real = at::full({2, 1, 1, 1}, 2, at::kDouble).requires_grad_(),
                   fake = at::zeros({2, 1, 1, 1}, at::kDouble);
  const at::Tensor penalty = gradient_penalty(square, real, fake, vector({0.25, 1}).view({2, 1, 1, 1}));
  EXPECT_NEAR(penalty.item<double>(), (0.25 + 1) / 2, 1e-9);
  penalty.backward();
  EXPECT_FALSE(real.grad().defined());
}

TEST(GradientPenalty, HasTheGradientOfFiniteDifferences) {
  for (const char* norm : {"none", "layer", "instance"}) {
    SerialNetwork context(1, {.winograd = false, .fused_norm = false});
    DiscriminatorSpec spec;
    spec.width = 2;
    spec.norm = norm;
    const auto network = make_discriminator(spec, context);
    network->to(at::kDouble);
    const at::Tensor real = numbers("real", {2, 3, 16, 16}, 0.5, 0.5).to(at::kDouble);
    const at::Tensor fake = numbers("fake", {2, 3, 16, 16}, 0.5, 0.5).to(at::kDouble);
    const auto penalty = [&] {
      return gradient_penalty([&](const at::Tensor& x) { return network->forward(x).front(); }, real, fake,
                              vector({0.3, 0.8}).view({2, 1, 1, 1}));
    };
    penalty().backward();
    // Along one direction through all weights at once.
    double slope = 0;
    std::vector<at::Tensor> direction;
    for (const auto& item : network->named_parameters()) {
      direction.push_back(numbers(item.key(), item.value().sizes(), 0, 1).to(at::kDouble));
      if (item.value().grad().defined()) slope += (direction.back() * item.value().grad()).sum().item<double>();
    }
    const auto moved = [&](double by) {
      {
        const at::NoGradGuard no_grad;
        const auto parameters = network->parameters();
        for (std::size_t i = 0; i < parameters.size(); ++i) at::Tensor(parameters[i]).add_(direction[i], by);
      }
      return penalty().item<double>();
    };
    const double step = 1e-7;
    const double above = moved(step), below = moved(-2 * step);
    EXPECT_GT(std::abs(slope), 1e-3) << norm;
    EXPECT_NEAR((above - below) / (2 * step), slope, 1e-5 * std::abs(slope)) << norm;
  }
}

TEST(GradientPenalty, RefusesWhatHasNoSecondDerivative) {
  const at::Tensor picture = at::ones({1, 3, 2, 2});
  EXPECT_THROW(gradient_penalty([](const at::Tensor& x) { return 2 * x; }, picture, picture, at::ones({1, 1, 1, 1})),
               Error);
}

TEST(AdversarialLoss, OfWassersteinIsADifferenceOfMeans) {
  const at::Tensor logits = vector({0.5, -2});
  EXPECT_NEAR(wgan_gp_loss.real(logits).item<double>(), 0.75, 1e-12);
  EXPECT_NEAR(wgan_gp_loss.fake(logits).item<double>(), -0.75, 1e-12);
  EXPECT_NEAR(wgan_gp_loss.generator(logits).item<double>(), 0.75, 1e-12);
}

TEST(Lab, IsThatOfScikitImage) {
  // skimage.color.rgb2lab, version 0.26; it rounds the primaries to six digits.
  const std::vector<std::vector<double>> rgb{{0, 0, 0}, {1, 1, 1},          {0.5, 0.5, 0.5}, {1, 0, 0},      {0, 1, 0},
                                             {0, 0, 1}, {0.02, 0.03, 0.01}, {0.2, 0.6, 0.9}, {0.9, 0.7, 0.1}};
  const std::vector<std::vector<double>> lab{{0, 0, 0},
                                             {100, -0.0025, 0.0047},
                                             {53.389, -0.0015, 0.0028},
                                             {53.2406, 80.0923, 67.2028},
                                             {87.7351, -86.183, 83.1797},
                                             {32.2957, 79.1856, -107.8573},
                                             {1.8478, -1.3761, 1.6953},
                                             {60.9295, -3.0602, -46.8377},
                                             {75.3621, 6.2336, 74.4063}};
  for (std::size_t i = 0; i < rgb.size(); ++i) {
    const at::Tensor converted = lab_from_rgb(vector(rgb[i]).view({1, 3, 1, 1})).flatten();
    EXPECT_TRUE(at::allclose(converted, vector(lab[i]), 0, 0.01)) << i << ": " << converted;
  }
}

TEST(Lab, HasTheGradientOfFiniteDifferencesInsideAndOutside) {
  for (const double red : {-2.0, -0.3, 0.0, 0.01, 0.3, 1.0, 1.4, 5.0}) {
    for (const double green : {-0.1, 0.0, 0.6, 1.2}) {
      const at::Tensor rgb = vector({red, green, 0.2}).view({1, 3, 1, 1}).requires_grad_();
      const at::Tensor weights = vector({1, 2, -1}).view({1, 3, 1, 1});
      (lab_from_rgb(rgb) * weights).sum().backward();
      const at::NoGradGuard no_grad;
      for (std::int64_t channel = 0; channel < 3; ++channel) {
        at::Tensor step = at::zeros_like(rgb);
        step.select(1, channel) += 1e-6;
        const double slope =
            ((lab_from_rgb(rgb + step) - lab_from_rgb(rgb - step)) * weights).sum().item<double>() / 2e-6;
        EXPECT_NEAR(rgb.grad().select(1, channel).item<double>(), slope, 1e-3 * (1 + std::abs(slope)))
            << red << " " << green << " " << channel;
      }
    }
  }
}

TEST(ColorDistance, OfBlackAndWhiteIsOneInEverySpace) {
  const at::Tensor black = at::zeros({1, 3, 2, 2}, at::kDouble), white = at::ones({1, 3, 2, 2}, at::kDouble);
  for (const char* space : {"yuv", "lab"})
    EXPECT_NEAR(color_distance(space, black, white).item<double>(), 1, 1e-6) << space;
  EXPECT_THROW(color_distance("hsv", black, white), Error);
}

TEST(ColorDistance, InLabIsThatOfItsPlanes) {
  // Red against green with scikit-image's numbers: L* -34.4945, a* 166.2753, b* -15.9769, over 100; Huber beyond and
  // within 1.
  const at::Tensor red = vector({1, 0, 0}).view({1, 3, 1, 1}), green = vector({0, 1, 0}).view({1, 3, 1, 1});
  EXPECT_NEAR(color_distance("lab", red, green).item<double>(), 0.344945 + (1.662753 - 0.5) + 0.159769 * 0.159769 / 2,
              1e-4);
}

TEST(ColorDistance, IsZeroForEqualAndYForGray) {
  const at::Tensor a = at::rand({2, 3, 4, 4}, at::kDouble);
  EXPECT_EQ(color_distance("yuv", a, a).item<double>(), 0);
  // A gray shift changes Y by itself and neither U nor V.
  EXPECT_NEAR(color_distance("yuv", a, a + 0.1).item<double>(), 0.1, 1e-6);
  // Red by 0.1: Y 0.0299, U -0.0147, V 0.0615; half the squares of the last two.
  at::Tensor red = a.clone();
  red.select(1, 0) += 0.1;
  EXPECT_NEAR(color_distance("yuv", a, red).item<double>(), 0.0299 + (0.0147 * 0.0147 + 0.0615 * 0.0615) / 2, 1e-5);
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
