#include "datasets/cut.h"

#include <gmock/gmock.h>

#include <set>

#include "framework/core/error.h"
#include "tests/error_of.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

SetRecipe recipe(const std::string& cut, std::int64_t per_image = 1, double scale = 1) {
  SetRecipe set;
  set.cut = cut;
  set.per_image = per_image;
  set.scale = scale;
  return set;
}

TEST(Cut, NoneTakesPicturesOfTheRightSizeAlone) {
  EXPECT_THAT(cut_boxes(recipe("none"), 256, 256, 0, "a.jpg"), ElementsAre(Box{0, 0, 256, 256}));
  EXPECT_THAT(error_of<Error>([] { cut_boxes(recipe("none"), 200, 256, 0, "a.jpg"); }),
              HasSubstr("a.jpg: is 256 x 200"));
}

TEST(Cut, CenterTakesTheLargestSquareInTheMiddle) {
  EXPECT_THAT(cut_boxes(recipe("center"), 1080, 1920, 0, "a"), ElementsAre(Box{0, 420, 1080, 1080}));
  EXPECT_THAT(cut_boxes(recipe("center"), 300, 100, 0, "a"), ElementsAre(Box{100, 0, 100, 100}));
}

TEST(Cut, RandomBoxesLieInsideAndReachEveryBorder) {
  const auto boxes = cut_boxes(recipe("random", 2000), 266, 276, 0, "a");
  std::set<int> tops, lefts;
  for (const Box& box : boxes) {
    EXPECT_EQ(box.height, 256);
    EXPECT_EQ(box.width, 256);
    tops.insert(box.top);
    lefts.insert(box.left);
  }
  EXPECT_EQ(tops.size(), 11u);
  EXPECT_EQ(lefts.size(), 21u);
  EXPECT_EQ(*tops.begin(), 0);
  EXPECT_EQ(*lefts.rbegin(), 20);
}

TEST(Cut, RandomBoxesDependOnSeedNameAndNumberAlone) {
  const auto four = cut_boxes(recipe("random", 4), 1000, 1000, 7, "a");
  const auto two = cut_boxes(recipe("random", 2), 1000, 1000, 7, "a");
  EXPECT_THAT(two, ElementsAre(four[0], four[1]));
  EXPECT_NE(cut_boxes(recipe("random", 4), 1000, 1000, 8, "a"), four);
  EXPECT_NE(cut_boxes(recipe("random", 4), 1000, 1000, 7, "b"), four);
}

TEST(Cut, ScaleHalvesThePictureBeforeTheBoxIsCut) {
  EXPECT_EQ(cut_boxes(recipe("random", 1, 0.5), 600, 600, 0, "a")[0].height, 512);
}

TEST(Cut, PictureSmallerThanTheBoxIsNamed) {
  EXPECT_THAT(error_of<Error>([] { cut_boxes(recipe("random"), 255, 900, 0, "small.jpg"); }),
              HasSubstr("small.jpg: is 900 x 255"));
}

// The bounds, inclusive, are those of the baseline (seed/facts.md).
TEST(Cut, AreasAreTheSixOfTheBaseline) {
  const int rows[2][2] = {{150, 284}, {540, 674}}, columns[3][2] = {{0, 384}, {640, 1024}, {1280, 1664}};
  int lowest[6] = {9999, 9999, 9999, 9999, 9999, 9999}, highest[6] = {};
  for (int n = 0; n < 3000; ++n) {
    const auto boxes = cut_boxes(recipe("areas"), 1080, 1920, 0, std::to_string(n));
    ASSERT_EQ(boxes.size(), 6u);
    for (int i = 0; i < 6; ++i) {
      EXPECT_EQ(boxes[i].height, 256);
      EXPECT_GE(boxes[i].top, rows[i / 3][0]);
      EXPECT_LE(boxes[i].top, rows[i / 3][1]);
      EXPECT_GE(boxes[i].left, columns[i % 3][0]);
      EXPECT_LE(boxes[i].left, columns[i % 3][1]);
      lowest[i] = std::min(lowest[i], boxes[i].top);
      highest[i] = std::max(highest[i], boxes[i].top);
    }
  }
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(lowest[i], rows[i / 3][0]);
    EXPECT_EQ(highest[i], rows[i / 3][1]);
  }
}

TEST(Cut, AreasOfOtherFramesAreAtTheSameFractionsAndInside) {
  for (int n = 0; n < 300; ++n) {
    for (const Box& box : cut_boxes(recipe("areas"), 360, 640, 0, std::to_string(n))) {
      EXPECT_GE(box.top, 50);
      EXPECT_LE(box.top + box.height, 360);
      EXPECT_LE(box.left + box.width, 640);
    }
    for (const Box& box : cut_boxes(recipe("areas"), 2160, 3840, 0, std::to_string(n))) {
      EXPECT_TRUE((box.top >= 300 && box.top <= 568) || (box.top >= 1080 && box.top <= 1348));
    }
  }
}

}  // namespace
}  // namespace atelier
