#include "framework/images/contact_sheet.h"

#include <gtest/gtest.h>

#include <vector>

#include "tests/test_picture.h"

namespace atelier {
namespace {

TEST(ContactSheet, HoldsEveryImageInItsCell) {
  std::vector<Image> images;
  for (int i = 0; i < 5; ++i) images.push_back(test_picture(8, 10, i));
  const Image sheet = contact_sheet(images, 3);
  ASSERT_EQ(sheet.height(), 2 * 8 + 2);
  ASSERT_EQ(sheet.width(), 3 * 10 + 2 * 2);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(sheet.cut({i / 3 * 10, i % 3 * 12, 8, 10}), images[i]) << i;
  EXPECT_EQ(sheet.row(17)[3 * 33], 255);  // The sixth cell is white.
}

TEST(ContactSheet, IsNoWiderThanItsImages) {
  const std::vector<Image> images{test_picture(8, 10)};
  EXPECT_EQ(contact_sheet(images, 8), images[0]);
}

}  // namespace
}  // namespace atelier
