#include "framework/core/random.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

namespace atelier {
namespace {

// Known answers of Philox4x32-10 from the Random123 distribution's kat_vectors.
TEST(Philox, GivesThePublishedAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}),
            (std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t f = 0xffffffff;
  EXPECT_EQ(philox({f, f, f, f}, {f, f}),
            (std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(CounterRandom, IsAFunctionOfItsKeyAlone) {
  CounterRandom a(7, 1, 3), b(7, 1, 3), other(7, 1, 4);
  const double first = a.uniform();
  EXPECT_EQ(first, b.uniform());
  EXPECT_NE(first, other.uniform());
}

TEST(CounterRandom, NormalHasMeanZeroAndVarianceOne) {
  CounterRandom random(1, 2);
  constexpr int n = 100'000;
  double sum = 0, squares = 0;
  for (int i = 0; i < n; ++i) {
    const double x = random.normal();
    sum += x;
    squares += x * x;
  }
  // Five standard errors: of the mean 1/sqrt(n), of the variance sqrt(2/n).
  EXPECT_NEAR(sum / n, 0, 5 / std::sqrt(n));
  EXPECT_NEAR(squares / n, 1, 5 * std::sqrt(2.0 / n));
}

TEST(Permutation, VisitsEveryPositionOnce) {
  for (const std::uint64_t size : {1u, 2u, 3u, 62u, 1000u, 5229u}) {
    const Permutation permutation(size, 11, 5);
    std::set<std::uint64_t> seen;
    for (std::uint64_t i = 0; i < size; ++i) seen.insert(permutation(i));
    EXPECT_EQ(seen.size(), size);
    EXPECT_EQ(*seen.rbegin(), size - 1);
  }
}

TEST(Permutation, DiffersBetweenStreamsAndSeeds) {
  const Permutation a(1000, 1, 1), b(1000, 1, 2), c(1000, 2, 1);
  int same_ab = 0, same_ac = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    same_ab += a(i) == b(i);
    same_ac += a(i) == c(i);
  }
  EXPECT_LT(same_ab, 20);
  EXPECT_LT(same_ac, 20);
}

}  // namespace
}  // namespace atelier
