// What a network is and takes, known before libtorch's boundary.
#include "experiments/networks/network_graph.h"

#include <gtest/gtest.h>

#include "experiments/discriminators/discriminator_spec.h"
#include "experiments/features/layout.h"
#include "experiments/generators/generator_spec.h"
#include "experiments/networks/network_costs.h"
#include "experiments/photo_to_anime/training_costs.h"
#include "framework/core/error.h"
#include "tests/error_of.h"

namespace atelier {
namespace {

double millions(std::int64_t number) { return static_cast<double>(number) / 1e6; }
double giga(std::int64_t number) { return static_cast<double>(number) / 1e9; }

// The facts of the baseline, which another framework's layers gave.
TEST(BaselineCosts, AreTheBaselinesFacts) {
  const NetworkGraph generator = generator_graph({}), discriminator = discriminator_graph({});
  const NetworkCosts small = costs_of(generator, {256, 256});
  EXPECT_NEAR(millions(small.parameters), 11.12, 0.005);
  EXPECT_NEAR(giga(small.multiply_adds), 54, 0.5);
  EXPECT_NEAR(giga(costs_of(generator, {1080, 1920}).multiply_adds), 1721, 0.5);
  EXPECT_NEAR(millions(costs_of(discriminator, {256, 256}).parameters), 1.13, 0.005);
}

// By hand, after each convolution: 3, 5 (stride 2), 9, 13 (stride 2), 21, 29, 37; each further one adds 2 * 4.
TEST(BaselineCosts, ADiscriminatorJudgesPatchesOf37PixelsAnd16MoreADepth) {
  EXPECT_EQ(judged_patch({}), 37);
  EXPECT_EQ(judged_patch({.depth = 3}), 53);
  EXPECT_EQ(judged_patch({.depth = 4}), 69);
}

// 626 GFLOP a step of the baseline, 534 with the targets cached, as its design states them.
TEST(BaselineCosts, OfAStepAreThoseOfTheDesign) {
  const TrainingCosts costs = training_costs({});
  EXPECT_NEAR(costs.step_flop / 1e9, 534, 1);
  EXPECT_NEAR((costs.step_flop + costs.target_flop) / 1e9, 626, 1);
}

// Torchvision's 20,024,384 parameters of VGG19's convolutions, and SqueezeNet 1.1's 722,496 without its classifier.
TEST(FeatureGraph, HasThePublishedNetworksParameters) {
  const auto parameters = [](const char* network, const char* last) {
    return costs_of(feature_graph(feature_networks().at(network), {last}), {224, 224}).parameters;
  };
  EXPECT_EQ(parameters("vgg19", "conv5_4"), 20'024'384);
  EXPECT_EQ(parameters("vgg16", "conv5_3"), 14'714'688);
  EXPECT_EQ(parameters("squeezenet1_1", "fire9"), 722'496);
}

TEST(FeatureGraph, EndsAtTheDeepestLayerThatIsWanted) {
  const NetworkGraph graph = feature_graph(feature_networks().at("vgg16"), {"conv2_1", "conv1_2"});
  ASSERT_EQ(graph.outputs().size(), 2u);
  EXPECT_EQ(graph.channels(graph.outputs()[0]), 64);   // conv1_2
  EXPECT_EQ(graph.channels(graph.outputs()[1]), 128);  // conv2_1
  EXPECT_EQ(graph.outputs()[1], graph.layers().size() - 1);
  EXPECT_EQ(sizes_of(graph, {64, 48})[graph.outputs()[1]], (PictureSize{32, 24}));
}

// One convolution by hand: 3x3 from 4 to 6 channels in 2 groups, every second pixel of 10 x 12.
TEST(NetworkCosts, OfOneConvolutionAreItsHandCalculation) {
  NetworkGraph graph("one layer");
  graph.output(graph.convolution(graph.input(4), "only", {.out = 6, .stride = 2, .groups = 2}));
  const NetworkCosts costs = costs_of(graph, {10, 12});
  EXPECT_EQ(costs.parameters, 6 * (4 / 2) * 9 + 6);
  EXPECT_EQ(costs.multiply_adds, 5 * 6 * (6 * 2 * 9));
  EXPECT_EQ(costs.first_multiply_adds, costs.multiply_adds);
  // The picture with the row and the column that SAME adds, and the output.
  EXPECT_EQ(costs.kept, 4 * 11 * 13 + 6 * 5 * 6);
}

// A block by hand: a 1x1 convolution from 2 to 3 channels of 4 x 4 pixels, a norm of two numbers beside the way around.
TEST(NetworkCosts, CountASharedTensorOnce) {
  NetworkGraph graph("a block");
  const auto x = graph.convolution(graph.input(2), "first", {.out = 3, .kernel = 1}, Activation::relu);
  const auto y = graph.convolution(x, "second", {.out = 3, .kernel = 1});
  graph.output(graph.norm(y, "norm", norms().at("layer"), Activation::leaky_relu, x));
  const NetworkCosts costs = costs_of(graph, {4, 4});
  EXPECT_EQ(costs.parameters, (2 * 3 + 3) + (3 * 3 + 3) + 2);
  EXPECT_EQ(costs.multiply_adds, 16 * (2 * 3 + 3 * 3));
  EXPECT_EQ(costs.first_multiply_adds, 16 * 2 * 3);
  // x, which the ReLU, the second convolution and the sum read; y, which the norm reads; and the output.
  EXPECT_EQ(costs.kept, 3 * (3 * 16));
}

// A transposed convolution meets each pixel of its input with all its weights: 5 x 7 pixels, 3x3 from 2 to 4 channels.
TEST(NetworkCosts, OfATransposedConvolutionAreCountedWhereItReads) {
  NetworkGraph graph("growing");
  graph.output(graph.transposed(graph.input(2), "up", 4));
  EXPECT_EQ(costs_of(graph, {5, 7}).multiply_adds, 35 * 2 * 4 * 9);
  EXPECT_EQ(sizes_of(graph, {5, 7}).back(), (PictureSize{10, 14}));
}

TEST(NetworkGraph, SaysWhichPicturesPass) {
  const NetworkGraph unet = generator_graph({.kind = "unet", .width = 2, .blocks = 1});
  EXPECT_EQ(shrinkage_of(unet), 8);
  EXPECT_EQ(shrinkage_of(generator_graph({})), 4);
  EXPECT_TRUE(passes(unet, {32, 40}));
  EXPECT_FALSE(passes(unet, {32, 44}));
  EXPECT_EQ(error_of<Error>([&] {
              sizes_of(unet, {32, 44});
            }),
            "a picture of 44 x 32 pixels cannot pass through the generator unet: it takes multiples of 8");
  const NetworkGraph scales = discriminator_graph({.kind = "multi-scale", .scales = 4});
  EXPECT_EQ(error_of<Error>([&] {
              sizes_of(scales, {7, 64});
            }),
            "a picture of 64 x 7 pixels is too small for the discriminator multi-scale");
}

// Every size a discriminator's logits have: a quarter of the picture, then half of that a scale.
TEST(NetworkGraph, GivesTheSizeOfEachScalesLogits) {
  const NetworkGraph graph = discriminator_graph({.kind = "multi-scale", .scales = 3});
  const std::vector<PictureSize> sizes = sizes_of(graph, {64, 48});
  ASSERT_EQ(graph.outputs().size(), 3u);
  EXPECT_EQ(sizes[graph.outputs()[0]], (PictureSize{16, 12}));
  EXPECT_EQ(sizes[graph.outputs()[1]], (PictureSize{8, 6}));
  EXPECT_EQ(sizes[graph.outputs()[2]], (PictureSize{4, 3}));
}

TEST(SmallestPicture, StillHasAPixelAtTheLastLayer) {
  // Four poolings: 16 pixels are one. SqueezeNet: 24, 11, 5, 2, 1.
  EXPECT_EQ(smallest_picture(feature_networks().at("vgg19")), 16);
  EXPECT_EQ(smallest_picture(feature_networks().at("vgg16")), 16);
  EXPECT_EQ(smallest_picture(feature_networks().at("squeezenet1_1")), 24);
}

// Each by hand from the formula of `training_costs`: another pass over the batch adds what it says.
TEST(TrainingCosts, FollowTheTermsAndTheUpdates) {
  PhotoToAnimeSpec spec;
  const TrainingCosts baseline = training_costs(spec);
  const auto flop = [](const NetworkCosts& costs) { return 2.0 * static_cast<double>(costs.multiply_adds); };
  const NetworkCosts &generator = baseline.networks[0].costs, &discriminator = baseline.networks[1].costs;
  const double first = 2.0 * static_cast<double>(discriminator.first_multiply_adds);

  spec.loss.smooth.weight = 0;
  EXPECT_DOUBLE_EQ(baseline.step_flop - training_costs(spec).step_flop, 3 * flop(discriminator) - first);
  spec = {};
  spec.data.batch = 4;
  EXPECT_DOUBLE_EQ(training_costs(spec).step_flop, 4 * baseline.step_flop);
  spec = {};
  spec.train.discriminator_steps = 2;
  EXPECT_NEAR(training_costs(spec).step_flop - baseline.step_flop,
              flop(generator) + 3 * (3 * flop(discriminator) - first), 1e3);
  spec = {};
  spec.loss.content.weight = spec.loss.style.weight = 0;
  EXPECT_EQ(training_costs(spec).networks.size(), 2u);
  EXPECT_EQ(training_costs(spec).target_flop, 0);
}

// What `atelier plan` prints of the baseline.
TEST(TrainingCosts, AreToldInLines) {
  const std::string text = PhotoToAnimeSpec().costs();
  for (const char* part : {"generator residual", "11.12 M", "54.38 GMAC", "discriminator patch", "1.13 M",
                           "feature network vgg19", "a logit judges a patch of 37 pixels"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in\n" << text;
  }
}

}  // namespace
}  // namespace atelier
