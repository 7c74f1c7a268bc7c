#include "framework/data/prefetcher.h"

#include <gtest/gtest.h>

#include <stdexcept>

namespace atelier {
namespace {

TEST(Prefetcher, GivesTheStepsInOrderFromTheFirst) {
  Prefetcher input(5, 3, [](std::int64_t step, float* out) {
    for (int i = 0; i < 3; ++i) out[i] = static_cast<float>(step * 10 + i);
  });
  for (int step = 5; step < 500; ++step) {
    const auto values = input.next();
    ASSERT_EQ(values.size(), 3u);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(values[i], static_cast<float>(step * 10 + i));
  }
}

TEST(Prefetcher, DoesNotTouchTheBufferThatIsBeingRead) {
  Prefetcher input(0, 1, [](std::int64_t step, float* out) { *out = static_cast<float>(step); });
  const auto first = input.next();
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  EXPECT_EQ(first[0], 0);
}

TEST(Prefetcher, DeliversAnErrorAtTheStepItBelongsTo) {
  Prefetcher input(0, 1, [](std::int64_t step, float* out) {
    if (step == 3) throw std::runtime_error("step 3");
    *out = static_cast<float>(step);
  });
  for (int step = 0; step < 3; ++step) EXPECT_EQ(input.next()[0], static_cast<float>(step));
  EXPECT_THROW(input.next(), std::runtime_error);
  EXPECT_THROW(input.next(), std::runtime_error);
}

TEST(Prefetcher, EndsWhileStepsAreReady) {
  for (int i = 0; i < 50; ++i) Prefetcher input(0, 1, [](std::int64_t, float* out) { *out = 0; });
}

}  // namespace
}  // namespace atelier
