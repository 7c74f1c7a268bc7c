#include "framework/records/constraint.h"

#include <gtest/gtest.h>

#include <cmath>

namespace atelier {
namespace {

TEST(Constraint, IsReadWithAnyOfItsSigns) {
  const auto least = Constraint::from("eval.ssim >= 0.4"), most = Constraint::from("time<=1e2");
  ASSERT_TRUE(least && most);
  EXPECT_EQ(least->metric, "eval.ssim");
  EXPECT_EQ(least->text, "eval.ssim >= 0.4");
  EXPECT_DOUBLE_EQ(least->violation(0.1), 0.3);
  EXPECT_TRUE(least->holds(0.4));
  EXPECT_DOUBLE_EQ(most->violation(130), 30);
  EXPECT_TRUE(std::isinf(most->violation(std::nan("")))) << "what was not measured does not hold";
  const auto more = Constraint::from("eval.ssim > 0.4"), less = Constraint::from("a\t<\t-2");
  ASSERT_TRUE(more && less);
  EXPECT_FALSE(more->holds(0.4)) << "the limit itself does not do";
  EXPECT_GT(more->violation(0.4), 0);
  EXPECT_TRUE(more->holds(std::nextafter(0.4, 1.0)));
  EXPECT_FALSE(less->holds(-2));
  EXPECT_TRUE(less->holds(-2.5));
  for (const char* sign : {">=", "<=", ">", "<"})
    EXPECT_EQ(Constraint::from(std::string("a ") + sign + " 1")->test(), sign);
}

TEST(Constraint, IsNoOtherText) {
  for (const char* wrong : {"", "eval.ssim", "eval.ssim == 0.4", "eval.ssim >= ", ">= 3", "a b >= 3", "a >= 3x",
                            "a >= nan", "a >", "a => 3"})
    EXPECT_FALSE(Constraint::from(wrong)) << wrong;
}

}  // namespace
}  // namespace atelier
