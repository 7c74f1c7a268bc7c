#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "experiments/discriminators/discriminator.h"
#include "experiments/generators/generator.h"
#include "experiments/layers/network_state.h"
#include "experiments/layers/spectral_norm.h"
#include "framework/core/error.h"
#include "tests/command.h"
#include "tests/error_of.h"
#include "tests/experiments/named_numbers.h"
#include "tests/serial_network.h"

namespace atelier {
namespace {

std::int64_t count(const torch::nn::Module& network) {
  std::int64_t n = 0;
  for (const at::Tensor& parameter : network.parameters()) n += parameter.numel();
  return n;
}

std::int64_t convolution(std::int64_t in, std::int64_t out, std::int64_t kernel = 3) {
  return in * out * kernel * kernel + out;
}

/// How many pixels of a row and of a column one logit of `scale` depends on.
std::pair<std::int64_t, std::int64_t> field_of(const DiscriminatorSpec& spec, std::size_t scale = 0) {
  SerialNetwork context(0);
  const auto network = make_discriminator(spec, context);
  network->to(at::kDouble);
  at::manual_seed(0);
  const at::Tensor x = at::rand({1, 3, 192, 192}, at::kDouble).requires_grad_();
  const at::Tensor logits = network->forward(x).at(scale);
  const std::int64_t middle = logits.size(2) / 2;
  logits[0][0][middle][middle].backward();
  const at::Tensor touched = x.grad().abs().sum(1)[0];
  return {(touched.sum(0) > 0).sum().item<std::int64_t>(), (touched.sum(1) > 0).sum().item<std::int64_t>()};
}

// The table of the baseline's facts, counted by hand; a norm has two numbers.
TEST(ResidualGenerator, HasTheBaselinesParameters) {
  SerialNetwork context(0);
  const std::int64_t stem = convolution(3, 64, 7) + 2, head = convolution(64, 3, 7);
  const std::int64_t down =
      convolution(64, 128) + convolution(128, 128) + 2 + convolution(128, 256) + convolution(256, 256) + 2;
  const std::int64_t blocks = 8 * 2 * (convolution(256, 256) + 2);
  const std::int64_t up =
      convolution(256, 128) + convolution(128, 128) + 2 + convolution(128, 64) + convolution(64, 64) + 2;
  const std::int64_t parameters = count(*make_generator({}, context));
  EXPECT_EQ(parameters, stem + down + blocks + up + head);
  EXPECT_NEAR(static_cast<double>(parameters), 11.12e6, 0.01e6);
}

TEST(PatchDiscriminator, HasTheBaselinesParametersAndSize) {
  SerialNetwork context(0);
  const auto network = make_discriminator({}, context);
  EXPECT_NEAR(static_cast<double>(count(*network)), 1.13e6, 0.005e6);
  const std::vector<at::Tensor> logits = network->forward(at::zeros({2, 3, 64, 48}));
  ASSERT_EQ(logits.size(), 1u);
  EXPECT_EQ(logits[0].sizes(), (std::vector<std::int64_t>{2, 1, 16, 12}));
}

// By hand, after each convolution: 3, 5 (stride 2), 9, 13 (stride 2), 21, 29, 37; each further one adds 2 * 4.
TEST(PatchDiscriminator, SeesAFieldOf37PixelsAnd16MoreADepth) {
  for (const auto& [depth, field] : {std::pair{2, 37}, {3, 53}, {4, 69}}) {
    EXPECT_EQ(field_of({.width = 2, .norm = "none", .depth = depth}),
              (std::pair<std::int64_t, std::int64_t>{field, field}));
  }
}

TEST(PatchDiscriminator, GrowsByTwoConvolutionsADepth) {
  SerialNetwork context(0);
  const std::int64_t shallow = count(*make_discriminator({.width = 4}, context));
  EXPECT_EQ(count(*make_discriminator({.width = 4, .depth = 4}, context)), shallow + 4 * (convolution(32, 32) + 2));
}

TEST(PatchDiscriminator, IsTheSameNetworkInsideMultiScale) {
  SerialNetwork context(3), same(3);
  const auto multi = make_discriminator({.kind = "multi-scale", .width = 4, .scales = 3}, context);
  const auto patch = make_discriminator({.width = 4}, same);
  const at::Tensor x = at::rand({2, 3, 64, 48});
  const std::vector<at::Tensor> logits = multi->forward(x);
  ASSERT_EQ(logits.size(), 3u);
  EXPECT_TRUE(at::equal(logits[0], patch->forward(x)[0]));
  EXPECT_EQ(logits[1].sizes(), (std::vector<std::int64_t>{2, 1, 8, 6}));
  EXPECT_EQ(logits[2].sizes(), (std::vector<std::int64_t>{2, 1, 4, 3}));
  EXPECT_EQ(count(*multi), 3 * count(*patch));
}

// The second discriminator's field of 37 pixels, each the mean of two by two.
TEST(MultiScaleDiscriminator, SeesTwiceTheFieldAtHalfTheSize) {
  const DiscriminatorSpec spec{.kind = "multi-scale", .width = 2, .norm = "none", .scales = 2};
  EXPECT_EQ(field_of(spec, 1), (std::pair<std::int64_t, std::int64_t>{74, 74}));
}

TEST(Discriminator, WithSpectralNormalisationHasWeightsOfLargestSingularValueOne) {
  for (const char* kind : {"patch", "multi-scale"}) {
    SerialNetwork context(4);
    const auto network = make_discriminator({.kind = kind, .width = 4, .spectral = true}, context);
    network->to(at::kDouble);
    for (int i = 0; i < 500; ++i) network->begin_step();
    std::size_t layers = 0;
    for (const auto& module : network->modules()) {
      if (const auto* spectral = dynamic_cast<SpectralNorm*>(module.get())) {
        const at::Tensor values = std::get<1>(at::linalg_svd(spectral->forward().flatten(1)));
        EXPECT_NEAR(values[0].item<double>(), 1, 2e-3);
        ++layers;
      }
    }
    EXPECT_EQ(layers, kind == std::string("patch") ? 7u : 14u);
  }
}

TEST(Discriminator, KeepsItsSingularVectorsBetweenStepsAndInItsState) {
  SerialNetwork context(4);
  const auto network = make_discriminator({.width = 4, .spectral = true}, context);
  std::map<std::string, at::Tensor> before, after;
  for (const auto& [name, tensor] : named_state(*network, "d")) before[name] = tensor.detach().clone();
  const at::Tensor x = at::rand({1, 3, 32, 32}), logits = network->forward(x)[0];
  EXPECT_TRUE(at::equal(network->forward(x)[0], logits));
  for (const auto& [name, tensor] : named_state(*network, "d")) EXPECT_TRUE(at::equal(before.at(name), tensor)) << name;
  network->begin_step();
  for (const auto& [name, tensor] : named_state(*network, "d")) after[name] = tensor;
  EXPECT_FALSE(at::equal(before.at("d.conv3.spectral.u"), after.at("d.conv3.spectral.u")));
  EXPECT_TRUE(at::equal(before.at("d.conv3.weight"), after.at("d.conv3.weight")));
}

TEST(Discriminator, MixesImagesOnlyByItsNorm) {
  SerialNetwork context(0);
  EXPECT_FALSE(make_discriminator({.width = 2}, context)->mixes_images());
  EXPECT_TRUE(make_discriminator({.kind = "multi-scale", .width = 2, .norm = "batch"}, context)->mixes_images());
  EXPECT_FALSE(make_generator({.width = 2, .blocks = 1, .norm = "lade"}, context)->mixes_images());
  EXPECT_TRUE(make_generator({.kind = "light", .width = 2, .blocks = 1, .norm = "batch"}, context)->mixes_images());
}

// A block by hand: 256 -> 512 by 1x1, 9 weights a channel, 512 -> 256 by 1x1, three norms of two numbers.
TEST(LightGenerator, HasAThirdOfTheResidualGeneratorsParameters) {
  SerialNetwork context(0);
  const std::int64_t block = convolution(256, 512, 1) + (512 * 9 + 512) + convolution(512, 256, 1) + 3 * 2;
  const std::int64_t residual = count(*make_generator({}, context)),
                     light = count(*make_generator({.kind = "light"}, context));
  EXPECT_EQ(residual - light, 8 * (2 * (convolution(256, 256) + 2) - block));
  EXPECT_NEAR(static_cast<double>(light) / static_cast<double>(residual), 1.0 / 3, 0.02);
}

// With one channel a stem, by hand: stages 1-2-4-4 down and 4-4-2-1 up, whose second convolutions also take the skips'
// 4, 2 and 1 channels.
TEST(UnetGenerator, JoinsAStageOfEachSize) {
  SerialNetwork context(0);
  const auto network = make_generator({.kind = "unet", .width = 1, .blocks = 2, .norm = "none"}, context);
  const std::int64_t ends = convolution(3, 1, 7) + convolution(1, 3, 7), blocks = 2 * 2 * convolution(4, 4);
  const std::int64_t down = convolution(1, 2) + convolution(2, 2) + convolution(2, 4) + 3 * convolution(4, 4);
  const std::int64_t up = convolution(4, 4) + convolution(8, 4) + 2 * convolution(4, 2) + 2 * convolution(2, 1);
  EXPECT_EQ(count(*network), ends + down + blocks + up);
}

// Without what comes from below, the outermost skip still carries the picture: one pixel changes only pixels near it.
TEST(UnetGenerator, CarriesDetailsPastTheBottom) {
  SerialNetwork context(5);
  const auto network = make_generator({.kind = "unet", .width = 2, .blocks = 1, .norm = "none"}, context);
  {
    const at::NoGradGuard no_grad;
    for (auto& item : network->named_parameters()) {
      if (item.key() == "up3.resize.weight") item.value().zero_();
    }
  }
  const at::Tensor x = at::rand({1, 3, 64, 64});
  at::Tensor other = x.clone();
  other[0][1][32][32] += 1;
  const at::Tensor changed = (network->forward(x) - network->forward(other)).abs().sum(1)[0] > 0;
  // 7x7 of the stem, 3x3 of the last stage, 7x7 of the head.
  EXPECT_EQ(changed.any(0).sum().item<std::int64_t>(), 15);
  EXPECT_EQ(changed.any(1).sum().item<std::int64_t>(), 15);
}

TEST(UnetGenerator, SaysWhatSizesItTakes) {
  SerialNetwork context(5);
  const auto network = make_generator({.kind = "unet", .width = 2, .blocks = 1}, context);
  EXPECT_EQ(error_of<Error>([&] {
              network->forward(at::zeros({1, 3, 32, 44}));
            }),
            "a picture of 44 x 32 pixels cannot pass through the generator unet: it takes multiples of 8");
}

TEST(Generator, KeepsTheSizeAndFirstWeightsDoNotDependOnTheMachine) {
  for (const std::string_view kind : generators().names()) {
    for (const char* upsample : {"transposed", "nearest", "bilinear"}) {
      SerialNetwork context(1), same(1);
      const GeneratorSpec spec{.kind = std::string(kind), .width = 4, .blocks = 1, .upsample = upsample};
      const auto a = make_generator(spec, context), b = make_generator(spec, same);
      const at::Tensor x = at::rand({1, 3, 24, 40});
      EXPECT_EQ(a->forward(x).sizes(), x.sizes()) << kind << upsample;
      EXPECT_TRUE(at::equal(a->forward(x), b->forward(x))) << kind << upsample;
    }
  }
}

TEST(Generator, AResidualOutputBeginsNearThePhotograph) {
  for (const std::string_view kind : generators().names()) {
    SerialNetwork context(1);
    GeneratorSpec spec{.kind = std::string(kind), .width = 8, .blocks = 2, .padding = "reflect", .output = "residual"};
    const auto network = make_generator(spec, context);
    const at::Tensor x = at::rand({1, 3, 32, 32});
    EXPECT_LT((network->forward(x) - x).abs().max().item<double>(), 0.1) << kind;
    SerialNetwork other(1);
    spec.output = "tanh";
    const at::Tensor bounded = make_generator(spec, other)->forward(x);
    EXPECT_GE(bounded.min().item<double>(), 0) << kind;
    EXPECT_LE(bounded.max().item<double>(), 1) << kind;
  }
}

/// Gives each parameter the numbers of its name, as networks_golden.py does.
void name_parameters(torch::nn::Module& network, const std::string& prefix) {
  network.to(at::kDouble);
  const at::NoGradGuard no_grad;
  for (auto& item : network.named_parameters()) {
    const std::string name = prefix + "." + item.key();
    const at::Tensor parameter = item.value();
    const double an_output = static_cast<double>(parameter.numel()) / static_cast<double>(parameter.size(0));
    const double centre = name.ends_with(".gamma") ? 1 : 0;
    const double spread = name.ends_with(".gamma")    ? 0.25
                          : name.ends_with(".weight") ? std::sqrt(6 / an_output)
                                                      : 0.125;
    parameter.copy_(numbers(name, parameter.sizes(), centre, spread));
  }
}

/// The outputs that networks_golden.py computed with TensorFlow in double precision from the formulas.
void expect_golden(const std::string& name, const at::Tensor& output, double tolerance = 1e-9) {
  static const nlohmann::json golden = nlohmann::json::parse(
      read_text(std::filesystem::path(ATELIER_SOURCE_DIR) / "tests/experiments/networks_golden.json"));
  const at::Tensor values = output.detach().contiguous().flatten();
  const double squares = golden.at(name).at("squares"), size = std::sqrt(squares / static_cast<double>(values.numel()));
  EXPECT_NEAR(values.square().sum().item<double>(), squares, tolerance * squares) << name;
  for (const auto& element : golden.at(name).at("elements")) {
    const std::int64_t index = element.at(0);
    EXPECT_NEAR(values[index].item<double>(), element.at(1), tolerance * size) << name << ", element " << index;
  }
}

TEST(NetworksParity, GeneratorsAreTheirFormulas) {
  const at::Tensor photo = numbers("photo", {2, 3, 32, 40}, 0.5, 0.5).to(at::kDouble);
  const auto output = [&](const GeneratorSpec& spec) {
    SerialNetwork context(0);
    const auto network = make_generator(spec, context);
    name_parameters(*network, spec.kind);
    return network->forward(photo);
  };
  expect_golden(
      "light, lade, reflect, bilinear",
      output({.kind = "light", .width = 4, .blocks = 2, .norm = "lade", .upsample = "bilinear", .padding = "reflect"}));
  expect_golden(
      "light, batch, nearest, residual",
      output({.kind = "light", .width = 2, .blocks = 1, .norm = "batch", .upsample = "nearest", .output = "residual"}));
  expect_golden("unet, layer", output({.kind = "unet", .width = 2, .blocks = 1}));
  expect_golden("unet, instance, reflect, bilinear, tanh", output({.kind = "unet",
                                                                   .width = 2,
                                                                   .blocks = 1,
                                                                   .norm = "instance",
                                                                   .upsample = "bilinear",
                                                                   .padding = "reflect",
                                                                   .output = "tanh"}));
}

TEST(NetworksParity, ASpectralMultiScaleDiscriminatorIsItsFormula) {
  SerialNetwork context(0);
  const auto network = make_discriminator(
      {.kind = "multi-scale", .width = 2, .norm = "instance", .depth = 3, .spectral = true}, context);
  name_parameters(*network, "multi");
  for (int i = 0; i < 3000; ++i) network->begin_step();
  const std::vector<at::Tensor> logits = network->forward(numbers("photo", {2, 3, 32, 40}, 0.5, 0.5).to(at::kDouble));
  ASSERT_EQ(logits.size(), 2u);
  expect_golden("multi-scale 1", logits[0], 1e-6);
  expect_golden("multi-scale 2", logits[1], 1e-6);
}

}  // namespace
}  // namespace atelier
