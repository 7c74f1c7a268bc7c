#include "datasets/edge_smoothing.h"

#include <gtest/gtest.h>

#include "framework/images/image_file.h"
#include "tests/test_picture.h"

namespace atelier {
namespace {

const std::filesystem::path here = std::filesystem::path(ATELIER_SOURCE_DIR) / "tests/datasets";

// Both pictures were written by make_smoothing_expected.py beside them, with Python's OpenCV.
TEST(EdgeSmoothing, GivesWhatItsDefinitionGivesInPython) {
  const Image smoothed = smooth_edges(read_image(here / "smoothing_input.png"));
  const Image expected = read_image(here / "smoothing_expected.png");
  ASSERT_EQ(smoothed.height(), expected.height());
  ASSERT_EQ(smoothed.width(), expected.width());
  int different = 0;
  for (std::size_t i = 0; i < smoothed.pixels().size(); ++i) different += smoothed.pixels()[i] != expected.pixels()[i];
  EXPECT_EQ(different, 0);
}

TEST(EdgeSmoothing, LeavesAPictureWithoutEdgesUntouched) {
  Image flat(40, 50);
  for (int y = 0; y < 40; ++y) {
    for (std::size_t x = 0; x < flat.row_bytes(); ++x) flat.row(y)[x] = static_cast<std::uint8_t>(y * 2);
  }
  EXPECT_EQ(smooth_edges(flat), flat);
}

}  // namespace
}  // namespace atelier
