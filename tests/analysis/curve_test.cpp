#include "analysis/curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace atelier {
namespace {

Curve noisy(std::size_t size) {
  Curve curve;
  for (std::size_t i = 0; i < size; ++i) {
    const auto x = static_cast<double>(i);
    curve.add(x, x / 2, std::sin(x * 12.9898) + 2);
  }
  return curve;
}

TEST(Curve, ThinningKeepsTheEndsAndTheExtremes) {
  Curve curve = noisy(100'000);
  curve.values[4321] = 99;
  curve.values[54'321] = -99;
  const Curve thinned = thin(curve, 500);
  EXPECT_LE(thinned.size(), 500u);
  EXPECT_GT(thinned.size(), 250u);
  EXPECT_EQ(thinned.steps.front(), 0);
  EXPECT_EQ(thinned.steps.back(), 99'999);
  EXPECT_EQ(*std::max_element(thinned.values.begin(), thinned.values.end()), 99);
  EXPECT_EQ(*std::min_element(thinned.values.begin(), thinned.values.end()), -99);
  EXPECT_TRUE(std::is_sorted(thinned.steps.begin(), thinned.steps.end()));
  EXPECT_EQ(thinned.seconds.size(), thinned.size());
}

TEST(Curve, ThinningShowsWhereNumbersEnd) {
  Curve curve = noisy(10'000);
  for (std::size_t i = 7777; i < curve.size(); ++i) curve.values[i] = std::nan("");
  const Curve thinned = thin(curve, 100);
  EXPECT_LE(thinned.size(), 100u);
  EXPECT_NE(std::find(thinned.steps.begin(), thinned.steps.end(), 7777), thinned.steps.end());
}

TEST(Curve, ShortCurvesStayAsTheyAre) {
  EXPECT_EQ(thin(noisy(500), 500).steps.size(), 500u);
  EXPECT_EQ(thin(Curve{}, 500).size(), 0u);
}

TEST(Curve, CuttingForgetsWhatIsRecordedAgain) {
  Curve curve = noisy(10);
  curve.cut_from(4);
  ASSERT_EQ(curve.size(), 4u);
  EXPECT_EQ(curve.steps.back(), 3);
}

}  // namespace
}  // namespace atelier
