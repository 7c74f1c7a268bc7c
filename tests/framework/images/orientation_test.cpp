#include "framework/images/orientation.h"

#include <gtest/gtest.h>

#include <tuple>

#include "framework/images/jpeg.h"

namespace atelier {
namespace {

/// A wide picture whose corners tell which way it is turned: red top left, green top right, blue below.
Image corners() {
  Image image(32, 64);
  for (int y = 0; y < 32; ++y) {
    for (int x = 0; x < 64; ++x) image.row(y)[3 * x + (y >= 16 ? 2 : x >= 32 ? 1 : 0)] = 255;
  }
  return image;
}

/// Puts an EXIF segment that says nothing but the orientation behind the JPEG's first marker.
std::vector<std::uint8_t> with_orientation(std::vector<std::uint8_t> jpeg, int orientation, bool little_endian) {
  std::vector<std::uint8_t> segment{0xFF, 0xE1, 0, 34, 'E', 'x', 'i', 'f', 0, 0};
  const auto value = static_cast<std::uint8_t>(orientation);
  const std::vector<std::uint8_t> little{'I', 'I', 42, 0, 8, 0,     0, 0, 1, 0, 0x12, 1, 3,
                                         0,   1,   0,  0, 0, value, 0, 0, 0, 0, 0,    0, 0};
  const std::vector<std::uint8_t> big{'M', 'M', 0, 42, 0, 0, 0,     8, 0, 1, 1, 0x12, 0,
                                      3,   0,   0, 0,  1, 0, value, 0, 0, 0, 0, 0,    0};
  const auto& tiff = little_endian ? little : big;
  segment.insert(segment.end(), tiff.begin(), tiff.end());
  jpeg.insert(jpeg.begin() + 2, segment.begin(), segment.end());
  return jpeg;
}

enum Corner { top_left, top_right, bottom_left, bottom_right };

/// The channel that shines in a corner.
int colour_at(const Image& image, Corner corner) {
  const int y = corner == top_left || corner == top_right ? 3 : image.height() - 4;
  const int x = corner == top_left || corner == bottom_left ? 3 : image.width() - 4;
  const std::uint8_t* pixel = image.row(y) + 3 * x;
  return pixel[0] > 128 ? 0 : pixel[1] > 128 ? 1 : 2;
}

// Where the EXIF standard says that the stored picture's first row and first column are seen: from there, the corners
// in which its first pixel (red) and the last of its first row (green) appear.
class EveryOrientation : public ::testing::TestWithParam<std::tuple<int, Corner, Corner>> {};

TEST_P(EveryOrientation, IsAppliedWhenAJpegIsDecoded) {
  const auto [orientation, red, green] = GetParam();
  for (const bool little_endian : {true, false}) {
    const Image seen = decode_jpeg(with_orientation(encode_jpeg(corners(), 95), orientation, little_endian), "x");
    EXPECT_EQ(seen.height(), orientation < 5 ? 32 : 64);
    EXPECT_EQ(seen.width(), orientation < 5 ? 64 : 32);
    EXPECT_EQ(colour_at(seen, red), 0);
    EXPECT_EQ(colour_at(seen, green), 1);
  }
}

INSTANTIATE_TEST_SUITE_P(Exif, EveryOrientation,
                         ::testing::Values(std::tuple(1, top_left, top_right), std::tuple(2, top_right, top_left),
                                           std::tuple(3, bottom_right, bottom_left),
                                           std::tuple(4, bottom_left, bottom_right),
                                           std::tuple(5, top_left, bottom_left), std::tuple(6, top_right, bottom_right),
                                           std::tuple(7, bottom_right, top_right),
                                           std::tuple(8, bottom_left, top_left)));

TEST(Orientation, BrokenNotesAreNoReasonToRefuseAPicture) {
  for (const int orientation : {0, 9, 200}) {
    EXPECT_EQ(decode_jpeg(with_orientation(encode_jpeg(corners(), 95), orientation, true), "x").width(), 64);
  }
  EXPECT_EQ(exif_orientation({}), 1);
  const std::uint8_t far_away[] = {'I', 'I', 42, 0, 0xff, 0xff, 0xff, 0xff};
  EXPECT_EQ(exif_orientation(far_away), 1);
}

}  // namespace
}  // namespace atelier
