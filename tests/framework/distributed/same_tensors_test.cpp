#include "framework/distributed/same_tensors.h"

#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "tests/error_of.h"
#include "tests/mpi_world.h"

namespace atelier {
namespace {

std::map<std::string, at::Tensor> tensors() {
  return {{"a.weight", at::arange(100, at::kFloat)},
          {"b.weight", at::ones({2, 3, 4, 4}).contiguous(at::MemoryFormat::ChannelsLast)}};
}

std::string difference(int rank, const char* tensor) {
  return format(
      "the ranks no longer hold the same numbers: rank {} of {} differs in {}; its memory or network may be damaged",
      rank, world().size(), tensor);
}

TEST(SameTensors, SayNothingWhileTheyAre) {
  auto own = tensors();
  if (world().rank() == 1) own["b.weight"] = own["b.weight"].contiguous();  // the same numbers, lying otherwise
  EXPECT_NO_THROW(check_same_on_all_ranks(own, world()));
}

TEST(SameTensors, NameTheRankAndTheTensorThatDiffer) {
  if (world().size() == 1) return;  // alone there is nothing to differ from
  const int odd = world().size() - 1;
  auto own = tensors();
  if (world().rank() == odd) own["b.weight"][1][2][3][3] += 1e-7f;
  EXPECT_EQ(error_of<Error>([&] { check_same_on_all_ranks(own, world()); }), difference(odd, "b.weight"));
}

// With three ranks or more it is the one against the many, also when it is the first.
TEST(SameTensors, TheFirstRankCanBeTheOddOne) {
  if (world().size() < 3) return;
  auto own = tensors();
  if (world().rank() == 0) own["a.weight"][5] = -1;
  EXPECT_EQ(error_of<Error>([&] { check_same_on_all_ranks(own, world()); }), difference(0, "a.weight"));
}

}  // namespace
}  // namespace atelier
