#include <gtest/gtest.h>

#include "experiments/discriminators/discriminator.h"
#include "experiments/generators/generator.h"
#include "tests/serial_network.h"

namespace atelier {
namespace {

std::int64_t count(const torch::nn::Module& network) {
  std::int64_t n = 0;
  for (const at::Tensor& parameter : network.parameters()) n += parameter.numel();
  return n;
}

std::int64_t convolution(std::int64_t in, std::int64_t out, std::int64_t kernel = 3) { return in * out * kernel * kernel + out; }

// The table of the baseline's facts, counted by hand; a norm has two numbers.
TEST(ResidualGenerator, HasTheBaselinesParameters) {
  SerialNetwork context(0);
  const std::int64_t stem = convolution(3, 64, 7) + 2, head = convolution(64, 3, 7);
  const std::int64_t down = convolution(64, 128) + convolution(128, 128) + 2 + convolution(128, 256) + convolution(256, 256) + 2;
  const std::int64_t blocks = 8 * 2 * (convolution(256, 256) + 2);
  const std::int64_t up = convolution(256, 128) + convolution(128, 128) + 2 + convolution(128, 64) + convolution(64, 64) + 2;
  const std::int64_t parameters = count(*make_generator({}, context));
  EXPECT_EQ(parameters, stem + down + blocks + up + head);
  EXPECT_NEAR(static_cast<double>(parameters), 11.12e6, 0.01e6);
}

TEST(PatchDiscriminator, HasTheBaselinesParametersAndSize) {
  SerialNetwork context(0);
  const auto network = make_discriminator({}, context);
  EXPECT_NEAR(static_cast<double>(count(*network)), 1.13e6, 0.005e6);
  EXPECT_EQ(network->forward(at::zeros({2, 3, 64, 48})).sizes(), (std::vector<std::int64_t>{2, 1, 16, 12}));
}

TEST(PatchDiscriminator, SeesAFieldOf37Pixels) {
  SerialNetwork context(0);
  const auto network = make_discriminator({.width = 2, .norm = "none"}, context);
  network->to(at::kDouble);
  at::manual_seed(0);
  const at::Tensor x = at::rand({1, 3, 96, 96}, at::kDouble).requires_grad_();
  network->forward(x)[0][0][12][12].backward();
  const at::Tensor touched = x.grad().abs().sum(1)[0];
  EXPECT_EQ((touched.sum(0) > 0).sum().item<std::int64_t>(), 37);
  EXPECT_EQ((touched.sum(1) > 0).sum().item<std::int64_t>(), 37);
}

TEST(Generator, KeepsTheSizeAndFirstWeightsDoNotDependOnTheMachine) {
  for (const char* upsample : {"transposed", "nearest", "bilinear"}) {
    SerialNetwork context(1), same(1);
    const GeneratorSpec spec{.width = 4, .blocks = 1, .upsample = upsample};
    const auto a = make_generator(spec, context), b = make_generator(spec, same);
    const at::Tensor x = at::rand({1, 3, 24, 40});
    EXPECT_EQ(a->forward(x).sizes(), x.sizes());
    EXPECT_TRUE(at::equal(a->forward(x), b->forward(x)));
  }
}

TEST(Generator, AResidualOutputBeginsNearThePhotograph) {
  SerialNetwork context(1);
  const auto network = make_generator({.width = 8, .blocks = 2, .padding = "reflect", .output = "residual"}, context);
  const at::Tensor x = at::rand({1, 3, 32, 32});
  EXPECT_LT((network->forward(x) - x).abs().max().item<double>(), 0.1);
  SerialNetwork other(1);
  const at::Tensor bounded = make_generator({.width = 8, .blocks = 2, .output = "tanh"}, other)->forward(x);
  EXPECT_GE(bounded.min().item<double>(), 0);
  EXPECT_LE(bounded.max().item<double>(), 1);
}

}  // namespace
}  // namespace atelier
