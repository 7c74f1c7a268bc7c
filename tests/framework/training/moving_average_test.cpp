#include "framework/training/moving_average.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

// Decays by hand: 1/10, 2/11, then the limit 0.25.
TEST(MovingAverage, IsTheRecurrenceWithItsCorrection) {
  const at::Tensor weight = at::zeros({2}, at::kDouble).requires_grad_(), count = at::zeros({}, at::kLong);
  MovingAverage average({{"weight", weight}, {"count", count}}, 0.25);
  double expected = 0;
  const double decays[] = {0.1, 2.0 / 11, 0.25, 0.25, 0.25};
  for (int t = 0; t < 5; ++t) {
    const at::NoGradGuard no_grad;
    weight.fill_(t + 1.0);
    count.fill_(t + 1);
    average.update();
    expected = decays[t] * expected + (1 - decays[t]) * (t + 1);
    TensorMap state;
    average.save("a", state);
    EXPECT_NEAR(state.at("a.weight")[1].item<double>(), expected, 1e-15);
    EXPECT_EQ(state.at("a.count").item<std::int64_t>(), t + 1);
  }
}

TEST(MovingAverage, IsSwappedInForAWhile) {
  const at::Tensor weight = at::ones({3, 2, 4, 4}).contiguous(at::MemoryFormat::ChannelsLast);
  MovingAverage average({{"weight", weight}}, 0.5);
  const at::Tensor view = weight.select(0, 1);  // whoever holds a part sees the exchange
  weight.fill_(11);
  average.update();  // 0.1 * 1 + 0.9 * 11
  const void* place = weight.data_ptr();
  {
    const MovingAverage::Swapped swapped(average);
    EXPECT_TRUE(at::allclose(weight, at::full_like(weight, 10)));
    EXPECT_TRUE(at::allclose(view, at::full_like(view, 10)));
  }
  EXPECT_TRUE(at::equal(weight, at::full_like(weight, 11)));
  EXPECT_EQ(weight.data_ptr(), place);
}

TEST(MovingAverage, GoesOnFromItsState) {
  at::manual_seed(1);
  const auto tensor = [](int t) { return at::full({5}, std::sin(t + 1.0)); };
  const at::Tensor whole = at::zeros({5}), parts = at::zeros({5});
  TensorMap expected, state, result;
  MovingAverage uninterrupted({{"p", whole}}, 0.9);
  for (int t = 0; t < 8; ++t) {
    whole.copy_(tensor(t));
    uninterrupted.update();
  }
  uninterrupted.save("a", expected);
  {
    MovingAverage first({{"p", parts}}, 0.9);
    for (int t = 0; t < 3; ++t) {
      parts.copy_(tensor(t));
      first.update();
    }
    first.save("a", state);
  }
  MovingAverage second({{"p", parts}}, 0.9);
  second.load("a", state);
  for (int t = 3; t < 8; ++t) {
    parts.copy_(tensor(t));
    second.update();
  }
  second.save("a", result);
  for (const auto& [name, value] : expected) EXPECT_TRUE(at::equal(result.at(name), value)) << name;
}

}  // namespace
}  // namespace atelier
