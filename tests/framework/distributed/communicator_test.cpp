#include "framework/distributed/communicator.h"

#include <gtest/gtest.h>

#include <numeric>

#include "framework/core/error.h"
#include "framework/distributed/first_rank.h"
#include "tests/error_of.h"
#include "tests/mpi_world.h"

namespace atelier {
namespace {

TEST(Communicator, SumsOverAllRanks) {
  const int size = world().size();
  std::vector<float> values{1.0f, static_cast<float>(world().rank())};
  world().sum(std::span(values));
  EXPECT_EQ(values[0], size);
  EXPECT_EQ(values[1], size * (size - 1) / 2);
}

TEST(Communicator, SumsHaveTheSameBitsOnEveryRank) {
  std::vector<float> values(10'000);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 1.0f / static_cast<float>(3 + i * 7 + world().rank());
  world().sum(std::span(values));
  const std::string mine(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  EXPECT_EQ(mine, world().broadcast(mine, 0));
}

TEST(Communicator, SumsWhileTheCallerWorks) {
  std::vector<double> a(1000, 1.0), b(10, 2.0);
  const auto first = world().start_sum(std::span(a)), second = world().start_sum(std::span(b));
  second->wait();
  first->wait();
  EXPECT_EQ(a[999], world().size());
  EXPECT_EQ(b[9], 2 * world().size());
}

TEST(Communicator, BroadcastsTexts) {
  const int last = world().size() - 1;
  const std::string text = world().rank() == last ? "from the last" : "";
  EXPECT_EQ(world().broadcast(text, last), "from the last");
  EXPECT_EQ(world().broadcast(std::string(), 0), "");
}

TEST(Communicator, GathersInOrder) {
  const std::vector<std::string> texts = world().gather(std::string(static_cast<std::size_t>(world().rank()), 'x'));
  ASSERT_EQ(texts.size(), static_cast<std::size_t>(world().size()));
  for (std::size_t i = 0; i < texts.size(); ++i) EXPECT_EQ(texts[i].size(), i);
}

TEST(Communicator, SplitsIntoGroups) {
  const auto group = world().split(world().rank() % 2);
  EXPECT_EQ(group->rank(), world().rank() / 2);
  double count = 1;
  group->sum(std::span(&count, 1));
  EXPECT_EQ(count, group->size());
}

// The tests' ranks all run on one host.
TEST(Communicator, KnowsItsPlaceOnTheHostAlsoInAGroup) {
  EXPECT_EQ(world().host_place().rank, world().rank());
  EXPECT_EQ(world().host_place().size, world().size());
  const auto group = world().split(world().rank());
  EXPECT_EQ(group->size(), 1);
  EXPECT_EQ(group->host_place().rank, world().rank()) << "groups share the host";
  EXPECT_EQ(group->host_place().size, world().size());
}

TEST(Communicator, AnySeesOneRank) {
  EXPECT_TRUE(world().any(world().rank() == world().size() - 1));
  EXPECT_FALSE(world().any(false));
}

TEST(OnFirstRank, ThrowsTheSameEverywhere) {
  int calls = 0;
  on_first_rank(world(), [&] { ++calls; });
  EXPECT_EQ(calls, world().rank() == 0 ? 1 : 0);
  EXPECT_EQ(error_of<UsageError>([&] { on_first_rank(world(), [] { throw UsageError("wrong"); }); }), "wrong");
  EXPECT_EQ(error_of<Error>([&] { on_first_rank(world(), [] { throw std::runtime_error("broken"); }); }), "broken");
}

}  // namespace
}  // namespace atelier
