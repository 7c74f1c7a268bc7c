#include "sweeps/samplers/sobol.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "sweeps/sampler.h"
#include "tests/error_of.h"

namespace atelier {
namespace {

SearchSpace space_of(const std::string& text, const std::vector<std::string>& names) {
  Document document = Document::from_text("[space]\n" + text, "s.toml", "/");
  return SearchSpace::from(document.take("space"), names);
}

TEST(Sobol, EveryIntervalOfEveryCoordinateHoldsOnePoint) {
  const SobolSequence sequence(SobolSequence::max_dimensions, 7);
  for (const std::uint64_t begin : {0, 64, 192}) {
    std::vector<std::vector<int>> hits(SobolSequence::max_dimensions, std::vector<int>(64, 0));
    for (std::uint64_t i = begin; i < begin + 64; ++i) {
      const std::vector<double> point = sequence.at(i);
      for (std::size_t d = 0; d < point.size(); ++d) ++hits[d][static_cast<std::size_t>(point[d] * 64)];
    }
    for (const auto& dimension : hits) EXPECT_EQ(dimension, std::vector<int>(64, 1));
  }
}

// Sobol's theorem: t is the sum of (degree of the polynomial - 1), here 0 + 0 + 1 + 2, so that every box of volume 2^(3
// - m) holds 2^3 of 2^m points. Owen's scrambling keeps that.
TEST(Sobol, TheFirstFourDimensionsAreANet) {
  constexpr int m = 8, t = 3;
  const SobolSequence sequence(4, 3);
  for (int a = 0; a <= m - t; ++a) {
    for (int b = 0; a + b <= m - t; ++b) {
      for (int c = 0; a + b + c <= m - t; ++c) {
        const int sides[4] = {a, b, c, m - t - a - b - c};
        std::map<std::vector<int>, int> boxes;
        for (std::uint64_t i = 256; i < 512; ++i) {
          const std::vector<double> point = sequence.at(i);
          std::vector<int> box;
          for (std::size_t d = 0; d < 4; ++d) box.push_back(static_cast<int>(std::ldexp(point[d], sides[d])));
          ++boxes[box];
        }
        EXPECT_EQ(boxes.size(), 1u << (m - t));
        for (const auto& [box, count] : boxes) EXPECT_EQ(count, 1 << t);
      }
    }
  }
}

// Scrambling flips a bit by those before it, so points share as many leading bits as they do in the plain sequence. The
// plain ones are SciPy's, from sampler_golden.py.
TEST(Sobol, IsJoeAndKuosSequence) {
  const std::map<std::size_t, std::vector<int>> shared_bits = {
      {1, {0, 1, 0, 1, 0, 2, 0, 1, 0, 3, 0, 2, 0, 1, 0}},
      {4, {0, 0, 1, 1, 0, 0, 2, 0, 3, 1, 0, 0, 1, 2, 0}},
      {40, {0, 1, 0, 0, 1, 0, 2, 0, 3, 0, 1, 1, 0, 2, 0}},
      {127, {0, 1, 0, 0, 2, 0, 1, 3, 0, 1, 0, 0, 2, 0, 1}},
  };
  const SobolSequence sequence(128, 11);
  const std::vector<double> origin = sequence.at(0);
  for (const auto& [dimension, expected] : shared_bits) {
    for (std::uint64_t n = 1; n <= 15; ++n) {
      const double x = sequence.at(n ^ (n >> 1))[dimension];
      int shared = 0;
      while (std::floor(std::ldexp(x, shared + 1)) == std::floor(std::ldexp(origin[dimension], shared + 1))) ++shared;
      EXPECT_EQ(shared, expected[n - 1]) << "dimension " << dimension << ", point " << n;
    }
  }
}

TEST(Sobol, SeedsAreIndependentAndEachPointIsUniform) {
  constexpr int seeds = 2000;
  double mean = 0, square = 0, product = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    const double x = SobolSequence(3, static_cast<std::uint64_t>(seed)).at(5)[2];
    const double next = SobolSequence(3, static_cast<std::uint64_t>(seed) + 1).at(5)[2];
    mean += x / seeds;
    square += (x - 0.5) * (x - 0.5) / seeds;
    product += (x - 0.5) * (next - 0.5) / seeds;
  }
  // Five standard deviations of the mean, variance and covariance of uniform numbers.
  EXPECT_NEAR(mean, 0.5, 5 * 0.2887 / std::sqrt(seeds));
  EXPECT_NEAR(square, 1.0 / 12, 5 * 0.0745 / std::sqrt(seeds));
  EXPECT_NEAR(product, 0, 5 / 12.0 / std::sqrt(seeds));
}

TEST(Sobol, CoversChoicesAndRangesEvenly) {
  const SearchSpace space = space_of("a = { choice = [1, 2, 3, 4] }\nb = { log = [1e-4, 1.0] }\n", {"a", "b"});
  const auto sampler = make_sampler("sobol", space, {.seed = 2});
  std::map<std::int64_t, int> choices;
  int decades[4] = {};
  for (std::int64_t i = 0; i < 64; ++i) {
    const Parameters parameters = sampler->suggest(i, {})->parameters;
    ++choices[static_cast<std::int64_t>(parameters[0].second.number())];
    ++decades[static_cast<int>(-std::log10(parameters[1].second.number()))];
  }
  for (const auto& [choice, count] : choices) EXPECT_EQ(count, 16) << choice;
  for (const int count : decades) EXPECT_EQ(count, 16);
}

TEST(Sobol, RefusesMoreParametersThanItHasDirectionNumbersFor) {
  std::string text;
  std::vector<std::string> names;
  for (int i = 0; i < 129; ++i) {
    names.push_back("x" + std::to_string(i));
    text += names.back() + " = { uniform = [0, 1] }\n";
  }
  const SearchSpace space = space_of(text, names);
  EXPECT_EQ(error_of<UsageError>([&] { make_sampler("sobol", space, {}); }),
            "a Sobol sequence has at most 128 parameters and the space has 129: use the sampler random");
}

}  // namespace
}  // namespace atelier
