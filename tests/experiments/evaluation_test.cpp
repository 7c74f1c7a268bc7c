// The measures of held-out images against evaluation_golden.json, which evaluation_golden.py made with NumPy, SciPy and
// scikit-image from their formulas, and against what must hold of them.
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "experiments/evaluation/evaluator.h"
#include "experiments/evaluation/frechet_distance.h"
#include "experiments/evaluation/kernel_distance.h"
#include "experiments/evaluation/measures.h"
#include "experiments/evaluation/structural_similarity.h"
#include "experiments/photo_to_anime/photo_to_anime.h"
#include "experiments/spec.h"
#include "tests/command.h"
#include "tests/experiments/named_numbers.h"
#include "tests/scratch_folder.h"
#include "tests/tiny_data.h"

namespace atelier {
namespace {

const std::filesystem::path source = ATELIER_SOURCE_DIR;

nlohmann::json evaluation_golden() {
  return nlohmann::json::parse(read_text(source / "tests/experiments/evaluation_golden.json"));
}

TEST(StructuralSimilarity, IsThatOfScikitImage) {
  const at::Tensor a = numbers("ssim.a", {3, 3, 20, 24}, 0.5, 0.5), other = numbers("ssim.b", {3, 3, 20, 24}, 0.5, 0.5);
  const at::Tensor b = (0.75 * a.to(at::kDouble) + 0.25 * other.to(at::kDouble)).to(at::kFloat);
  const at::Tensor values = structural_similarity(a, b);
  const auto golden = evaluation_golden()["ssim"];
  for (std::int64_t i = 0; i < 3; ++i) EXPECT_NEAR(values[i].item<double>(), golden[i], 1e-12);
}

TEST(StructuralSimilarity, OfPicturesSmallerThanTheWindowTakesThemWhole) {
  const at::Tensor a = numbers("small.a", {2, 3, 7, 10}, 0.5, 0.5), b = numbers("small.b", {2, 3, 7, 10}, 0.5, 0.5);
  const at::Tensor values = structural_similarity(a, b);
  const auto golden = evaluation_golden()["ssim_of_small"];
  for (std::int64_t i = 0; i < 2; ++i) EXPECT_NEAR(values[i].item<double>(), golden[i], 1e-12);
}

TEST(StructuralSimilarity, IsOneForEqualPicturesAndFallsWithTheDifference) {
  const at::Tensor a = numbers("ssim.a", {2, 3, 32, 32}, 0.5, 0.5), noise = numbers("noise", {2, 3, 32, 32}, 0, 0.5);
  EXPECT_TRUE(at::allclose(structural_similarity(a, a), at::ones({2}, at::kDouble), 0, 1e-12));
  double before = 1;
  for (const double size : {0.05, 0.2, 0.8}) {
    const double value = structural_similarity(a, a + size * noise).mean().item<double>();
    EXPECT_LT(value, before);
    before = value;
  }
}

TEST(StructuralSimilarity, OfFlatPicturesIsThatOfTheirLuma) {
  // Without structure only the means are left: (2 a b + c1) / (a^2 + b^2 + c1). Red alone has a luma of 0.299.
  at::Tensor red = at::zeros({1, 3, 16, 16});
  red.select(1, 0).fill_(1);
  const double expected = (2 * 0.299 * 1 + 1e-4) / (0.299 * 0.299 + 1 + 1e-4);
  EXPECT_NEAR(structural_similarity(red, at::ones({1, 3, 16, 16})).item<double>(), expected, 1e-9);
}

TEST(KernelAndFrechetDistance, AreThoseOfNumPyAndSciPyForFewImagesAndForMany) {
  for (const auto& [sizes, expected] : evaluation_golden()["distances"].items()) {
    std::istringstream words(sizes);
    std::int64_t n = 0, m = 0, d = 0;
    words >> n >> m >> d;
    const at::Tensor x = numbers("x", {n, d}, 0.25, 1), y = numbers("y", {m, d}, 0, 2);
    EXPECT_NEAR(frechet_distance(x, y), expected["fid"], 1e-10) << sizes;
    EXPECT_NEAR(kernel_distance(x, y), expected["kid"], 1e-12) << sizes;
  }
}

/// Numbers of a normal distribution (Box and Muller).
at::Tensor normal(const std::string& name, at::IntArrayRef shape) {
  const std::int64_t count = c10::multiply_integers(shape);
  const at::Tensor radius = (-2 * ((uniform(name + ".radius", count) + 1 + 0x1p-52) / 2).log()).sqrt();
  return (radius * (uniform(name + ".angle", count) * std::numbers::pi).cos()).view(shape);
}

TEST(FrechetDistance, OfNormalsIsTheClosedForm) {
  // Deviations 1 and 2 in 4 dimensions, means 3 apart in one: 9 + 4 (2 - 1)^2 = 13.
  const at::Tensor x = normal("x", {20000, 4});
  at::Tensor y = 2 * normal("y", {20000, 4});
  y.select(1, 0).add_(3);
  EXPECT_NEAR(frechet_distance(x, y), 13, 0.2);
}

TEST(FrechetDistance, OfASetAndItselfShiftedIsTheSquareOfTheShift) {
  for (const std::int64_t images : {2, 5, 40}) {  // fewer and more than features
    const at::Tensor x = numbers("x", {images, 16}, 0, 1).to(at::kDouble);
    EXPECT_NEAR(frechet_distance(x, x), 0, 1e-12);
    EXPECT_NEAR(frechet_distance(x, x + 0.5), 16 * 0.25, 1e-12);
    EXPECT_NEAR(frechet_distance(x, x + 0.5), frechet_distance(x + 0.5, x), 1e-12);
  }
}

TEST(KernelDistance, OfASetWithItselfIsTheBiasThatLeavingOutPairsBrings) {
  // With X = Y the mean over all pairs less the mean over different ones is left: 2 / n of what the diagonal has more.
  constexpr std::int64_t n = 6, d = 3;
  const at::Tensor x = numbers("x", {n, d}, 0, 1).to(at::kDouble);
  double all = 0, diagonal = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      double value = std::pow((x[i] * x[j]).sum().item<double>() / d + 1, 3);
      all += value;
      if (i == j) diagonal += value;
    }
  }
  EXPECT_NEAR(kernel_distance(x, x), 2 * ((all - diagonal) / (n * (n - 1)) - all / (n * n)), 1e-12);
}

TEST(KernelDistance, OfOneDistributionIsNoughtInTheMean) {
  // Unbiased even for sets of 4: the mean of many is within 4 of its own deviations from 0.
  constexpr int trials = 400;
  at::Tensor values = at::empty({trials}, at::kDouble);
  const at::Tensor all = normal("kid", {trials, 8, 5});
  for (int i = 0; i < trials; ++i) values[i] = kernel_distance(all[i].narrow(0, 0, 4), all[i].narrow(0, 4, 4));
  EXPECT_LT(std::abs(values.mean().item<double>()), 4 * values.std().item<double>() / std::sqrt(trials));
  EXPECT_LT(values.min().item<double>(), 0);
}

TEST(KernelDistance, OfPairsIsNoughtForEqualOnesAndUnbiasedForThoseThatAreAlike) {
  // The second of each pair has the distribution of the first and follows it closely.
  constexpr int trials = 400;
  const at::Tensor x = normal("kid", {trials, 4, 5}), y = 0.8 * x + 0.6 * normal("kid.other", {trials, 4, 5});
  at::Tensor values = at::empty({trials}, at::kDouble);
  for (int i = 0; i < trials; ++i) {
    EXPECT_EQ(paired_kernel_distance(x[i], x[i]), 0);
    values[i] = paired_kernel_distance(x[i], y[i]);
  }
  EXPECT_LT(std::abs(values.mean().item<double>()), 4 * values.std().item<double>() / std::sqrt(trials));
}

TEST(KernelAndFrechetDistance, OfFeaturesThatAreNoNumbersAreNone) {
  at::Tensor x = numbers("x", {5, 4}, 0, 1).clone();
  const at::Tensor y = numbers("y", {5, 4}, 0, 1);
  x[2][1] = std::numeric_limits<float>::quiet_NaN();
  EXPECT_TRUE(std::isnan(frechet_distance(x, y)));
  EXPECT_TRUE(std::isnan(kernel_distance(x, y)));
  EXPECT_TRUE(std::isnan(paired_kernel_distance(x, y)));
  x[2][1] = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(std::isnan(frechet_distance(x, y)));
}

class EvaluatorTest : public testing::Test {
 protected:
  static at::Tensor powered(const std::string& name, std::int64_t n, double power) {
    return numbers(name, {n, 3, 16, 24}, 0.5, 0.5).to(at::kDouble).pow(power).to(at::kFloat);
  }
  static at::Tensor brighter(const at::Tensor& photos) { return 1.25 * photos - 0.1; }

  const FeaturesSpec features_{.network = "vgg16", .weights = source / "experiments/weights/vgg16-conv4_3.safetensors"};
  const EvaluateSpec spec_{
      .content_layer = "conv2_1", .style_layers = {"conv1_2", "conv2_1"}, .pooled_layer = "conv2_2"};
  Evaluator evaluator_{features_, spec_};
  const at::Tensor photos_ = powered("photos", 5, 2), anime_ = powered("anime", 6, 0.5),
                   truth_ = numbers("truth", {5, 3, 16, 24}, 0.5, 0.5);
  std::unique_ptr<Communicator> alone_ = make_serial_communicator();
};

TEST_F(EvaluatorTest, MeasuresWhatNumPyMeasures) {
  for (const int time : {1, 2}) {  // the second time with what was kept
    const auto values = evaluator_.measure({photos_, anime_, truth_}, brighter, *alone_);
    const auto golden = evaluation_golden()["evaluation"];
    EXPECT_EQ(values.size(), golden.size());
    for (const auto& [name, expected] : golden.items()) {
      EXPECT_NEAR(values.at(name), expected, 1e-5 * expected.get<double>()) << name << ", time " << time;
    }
  }
}

TEST_F(EvaluatorTest, EveryMeasureIsOneThatCanBeAskedFor) {
  const Measures measures{evaluation_measures()};
  const auto known = measures.results();
  const auto values = evaluator_.measure({photos_, anime_, truth_}, brighter, *alone_);
  EXPECT_EQ(values.size(), known.size());
  for (const std::string_view name : known) EXPECT_TRUE(values.contains(std::string(name))) << name;
}

TEST_F(EvaluatorTest, OutputsEqualToThePhotosShowAsPhotos) {
  const auto values = evaluator_.measure(
      {photos_, anime_, {}}, [](const at::Tensor& x) { return x; }, *alone_);
  EXPECT_EQ(values.at("eval.content"), 0);
  EXPECT_EQ(values.at("eval.identity"), 0);
  EXPECT_NEAR(values.at("eval.ssim"), 1, 1e-12);
  EXPECT_NEAR(values.at("eval.fid_photo"), 0, 1e-9);
  EXPECT_NEAR(values.at("eval.kid_photo"), 0, 1e-9);
  EXPECT_GT(values.at("eval.fid"), 1);
  EXPECT_GT(values.at("eval.kid"), 1);
  EXPECT_FALSE(values.contains("eval.truth"));
}

TEST_F(EvaluatorTest, OutputsEqualToTheTruthHaveNoDistanceFromIt) {
  at::Tensor next = truth_;
  const auto values = evaluator_.measure(
      {photos_, anime_, truth_},
      [&](const at::Tensor& x) {
        const at::Tensor now = next.narrow(0, 0, x.size(0));
        next = next.narrow(0, x.size(0), next.size(0) - x.size(0));
        return now;
      },
      *alone_);
  EXPECT_EQ(values.at("eval.truth"), 0);
}

TEST_F(EvaluatorTest, LeavesOutDistancesOfDistributionsOfOnePicture) {
  const auto values = evaluator_.measure({photos_.narrow(0, 0, 1), anime_, {}}, brighter, *alone_);
  for (const char* name : {"eval.kid", "eval.fid", "eval.kid_photo", "eval.fid_photo"})
    EXPECT_FALSE(values.contains(name)) << name;
  for (const char* name : {"eval.content", "eval.style", "eval.ssim"})
    EXPECT_TRUE(std::isfinite(values.at(name))) << name;
}

TEST_F(EvaluatorTest, OfAGeneratorThatDivergedSaysNotANumberAndDoesNotThrow) {
  const auto values = evaluator_.measure(
      {photos_, anime_, {}}, [](const at::Tensor& x) { return x * std::nan(""); }, *alone_);
  for (const auto& [name, value] : values) EXPECT_TRUE(std::isnan(value)) << name;
}

TEST(EvaluationOfATraining, MeasuresTheTruthThatThePackedPhotosCarry) {
  // The differences of any output from black and from white add up to 1.
  const ScratchFolder folder;
  make_tiny_experiment(folder.path());
  const auto alone = make_serial_communicator();
  const auto measure = [&](const std::string& photos) {
    Document document = Document::from_file(folder / "tiny.toml");
    document.set("data.photos=\"" + (folder / photos).string() + "\"");
    const ExperimentSpec spec = ExperimentSpec::from(document);
    const PhotoToAnimeData data = PhotoToAnimeData::open(spec.as<PhotoToAnimeSpec>().data);
    return PhotoToAnime(spec.as<PhotoToAnimeSpec>(), spec.seed, data, *alone).evaluate();
  };
  double sum = 0;
  for (const std::uint8_t gray : {0, 255}) {
    Image flat(40, 40);
    std::fill(flat.pixels().begin(), flat.pixels().end(), gray);
    std::filesystem::create_directories(folder / "flat");
    for (int i = 0; i < 7; ++i) write_image(folder / ("flat/picture" + std::to_string(i) + ".png"), flat);
    write_text(folder / "flat.toml",
               "name = \"f\"\n[set.photos]\ninputs = [\"p\"]\ntruth = \"flat\"\nsize = 40\nval = 0.3\n");
    pack(Recipe::from(Document::from_file(folder / "flat.toml")), folder / "flat-data", *alone, {});
    sum += measure("flat-data/photos").at("eval.truth");
  }
  EXPECT_NEAR(sum, 1, 1e-6);
  EXPECT_FALSE(measure("data/photos").contains("eval.truth"));
}

}  // namespace
}  // namespace atelier
