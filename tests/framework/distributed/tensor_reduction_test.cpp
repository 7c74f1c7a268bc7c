#include "framework/distributed/tensor_reduction.h"

#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "tests/mpi_tensors.h"

namespace atelier {
namespace {

TEST(TensorReduction, SumsOverAllRanksInPlace) {
  const double n = world().size();
  for (const auto type : {at::kFloat, at::kDouble}) {
    const at::Tensor values = at::arange(6, type).reshape({2, 3}) * (world().rank() + 1);
    tensors_of_world().sum(values);
    EXPECT_TRUE(at::equal(values, at::arange(6, type).reshape({2, 3}) * (n * (n + 1) / 2)));
  }
}

TEST(TensorReduction, SumsWhatLiesWithItsChannelsLast) {
  const at::Tensor values = at::arange(120, at::kFloat).reshape({4, 3, 2, 5});
  const at::Tensor last = values.contiguous(at::MemoryFormat::ChannelsLast).clone();
  tensors_of_world().sum(last);
  EXPECT_TRUE(at::equal(last, values * world().size()));
}

TEST(TensorReduction, SumsHaveTheSameBitsOnEveryRank) {
  const at::Tensor values = 1 / (at::arange(10'000, at::kFloat) * 7 + 3 + world().rank());
  tensors_of_world().sum(values);
  const std::string mine(static_cast<const char*>(values.data_ptr()), values.nbytes());
  EXPECT_EQ(mine, world().broadcast(mine, 0));
}

TEST(TensorReduction, SumsWhileTheCallerComputes) {
  const at::Tensor like = at::ones({3}, at::kDouble);
  const at::Tensor a = tensors_of_world().buffer(1000, like).fill_(1), b = tensors_of_world().buffer(10, like).fill_(2);
  const auto first = tensors_of_world().start_sum(a), second = tensors_of_world().start_sum(b);
  second->wait();
  first->wait();
  EXPECT_TRUE(at::equal(a, at::full({1000}, world().size(), at::kDouble)));
  EXPECT_TRUE(at::equal(b, at::full({10}, 2 * world().size(), at::kDouble)));
}

TEST(TensorReduction, RefusesATensorWithGaps) {
  if (world().size() == 1) return;  // alone there is nothing to add
  const at::Tensor columns = at::ones({4, 4}).narrow(1, 0, 2);
  EXPECT_THROW(tensors_of_world().sum(columns), Error);
}

}  // namespace
}  // namespace atelier
