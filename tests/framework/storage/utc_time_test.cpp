#include "framework/storage/utc_time.h"

#include <gtest/gtest.h>

#include <ctime>

namespace atelier {
namespace {

TEST(UtcTime, IsReadAsSecondsSince1970) {  // `date -u -d 2030-01-31T08:00:00 +%s` says 1896076800.
  EXPECT_EQ(seconds_since_1970("2030-01-31T08:00:00Z"), 1896076800.0);
  EXPECT_DOUBLE_EQ(*seconds_since_1970("2030-01-31T08:00:00.250Z"), 1896076800.25);
  EXPECT_EQ(seconds_since_1970("1970-01-01T00:00:00Z"), 0.0);
  for (const char* wrong : {"", "2030-02-30T08:00:00Z", "2030-01-31T25:00:00Z", "2030-01-31 08:00:00Z",
                            "2030-01-31T08:00:00+01:00", "2030-01-31T08:00:00Z and more"}) {
    EXPECT_FALSE(seconds_since_1970(wrong).has_value()) << wrong;
  }
  EXPECT_NEAR(seconds_since_1970(utc_now()).value(), static_cast<double>(std::time(nullptr)), 2);
}

}  // namespace
}  // namespace atelier
