#include "framework/data/sample_order.h"

#include <gtest/gtest.h>

#include <set>
#include <vector>

namespace atelier {
namespace {

std::vector<std::int64_t> epoch_of(const SampleOrder& order, std::int64_t epoch) {
  std::vector<std::int64_t> images;
  for (std::int64_t i = 0; i < order.size(); ++i) images.push_back(order.image(epoch * order.size() + i));
  return images;
}

TEST(SampleOrder, ShowsEveryImageOnceAnEpoch) {
  for (const std::int64_t size : {1, 2, 3, 17, 256, 5229}) {
    const SampleOrder order(size, 7, 1);
    for (const std::int64_t epoch : {0, 1, 1000}) {
      const auto images = epoch_of(order, epoch);
      const std::set<std::int64_t> seen(images.begin(), images.end());
      EXPECT_EQ(static_cast<std::int64_t>(seen.size()), size);
      EXPECT_EQ(*seen.begin(), 0);
      EXPECT_EQ(*seen.rbegin(), size - 1);
    }
  }
}

TEST(SampleOrder, DiffersBetweenEpochsStreamsAndSeeds) {
  const auto first = epoch_of(SampleOrder(100, 0, 0), 0);
  EXPECT_NE(first, epoch_of(SampleOrder(100, 0, 0), 1));
  EXPECT_NE(first, epoch_of(SampleOrder(100, 0, 1), 0));
  EXPECT_NE(first, epoch_of(SampleOrder(100, 1, 0), 0));
  EXPECT_EQ(first, epoch_of(SampleOrder(100, 0, 0), 0));
}

TEST(SampleOrder, PutsEveryImageAtEveryPositionAboutEquallyOften) {
  constexpr int size = 8, epochs = 8000;
  const SampleOrder order(size, 3, 0);
  int counts[size][size] = {};
  for (int epoch = 0; epoch < epochs; ++epoch) {
    for (int position = 0; position < size; ++position)
      ++counts[position][order.image(std::int64_t{epoch} * size + position)];
  }
  // Chi-squared per position has 7 degrees of freedom; 29.9 is exceeded once in 10,000 of fair shuffles.
  for (const auto& position : counts) {
    double chi_squared = 0;
    for (const int count : position) chi_squared += (count - 1000.) * (count - 1000.) / 1000.;
    EXPECT_LT(chi_squared, 29.9);
  }
}

}  // namespace
}  // namespace atelier
