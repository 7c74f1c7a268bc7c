#include "analysis/packed_curves.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace atelier {
namespace {

Curve line(std::size_t count, double distance = 1) {
  Curve curve;
  for (std::size_t i = 0; i < count; ++i) {
    curve.add(distance * static_cast<double>(i + 1), 0.5 * static_cast<double>(i), static_cast<double>(i % 7));
  }
  return curve;
}

/// The bytes that a base64 text stands for.
std::size_t bytes_in(const Json& text) {
  const std::string base64 = text;
  return base64.size() / 4 * 3 - static_cast<std::size_t>(std::count(base64.begin(), base64.end(), '='));
}

TEST(PackedCurves, NumbersAreLittleEndianFloats) {  // Python: base64.b64encode(struct.pack("<3f", 1, -2.5, math.inf))
  Curve curve;
  curve.add(10, 0, 1);
  curve.add(20, 1, -2.5);
  curve.add(30, 2, std::numeric_limits<double>::infinity());
  const Json packed = packed_curves({{"loss", curve}}, 100);
  EXPECT_EQ(packed["metrics"]["loss"]["values"], "AACAPwAAIMAAAIB/");
  EXPECT_EQ(packed["axes"][0]["steps"], Json::parse("[[10, 10, 3]]"));
  EXPECT_EQ(packed["axes"][0]["count"], 3);
}

TEST(PackedCurves, MeasuresOfTheSameStepsShareAnAxis) {
  const Json packed = packed_curves({{"a", line(10)}, {"b", line(10)}, {"c", line(4, 5)}}, 100);
  EXPECT_EQ(packed["axes"].size(), 2u);
  EXPECT_EQ(packed["metrics"]["b"]["axis"], 0);
  EXPECT_EQ(packed["metrics"]["c"]["axis"], 1);
}

TEST(PackedCurves, AThinnedCurveSaysWhereItsPointsLie) {
  const Json packed = packed_curves({{"a", line(1000)}}, 50);
  const std::size_t kept = bytes_in(packed["metrics"]["a"]["values"]) / 4;
  EXPECT_LE(kept, 50u);
  EXPECT_EQ(bytes_in(packed["metrics"]["a"]["at"]), 2 * kept);
  EXPECT_EQ(bytes_in(packed["axes"][0]["seconds"]), 4 * 256u);
  const Json wide = packed_curves({{"a", line(70000)}}, 50);
  EXPECT_EQ(bytes_in(wide["metrics"]["a"]["at"]), bytes_in(wide["metrics"]["a"]["values"]));
}

TEST(PackedCurves, StepsWithoutOrderArePackedToo) {
  Curve curve;
  for (int i = 0; i < 30; ++i) curve.add(i * i, 0, 0);
  const Json packed = packed_curves({{"a", curve}}, 100);
  EXPECT_EQ(bytes_in(packed["axes"][0]["steps"]), 4 * 30u);
}

TEST(PackedCurves, WhatNoFloatHoldsIsInfinite) {  // Python: base64.b64encode(struct.pack("<2f", math.inf, -math.inf))
  Curve curve;
  curve.add(1, 0, 1e300);
  curve.add(2, 0, -1e300);
  EXPECT_EQ(packed_curves({{"a", curve}}, 100)["metrics"]["a"]["values"], "AACAfwAAgP8=");
}

}  // namespace
}  // namespace atelier
