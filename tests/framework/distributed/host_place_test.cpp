#include "framework/distributed/host_place.h"

#include <gtest/gtest.h>
#include <sched.h>

#include <cstdlib>
#include <thread>

#include "framework/distributed/communicator.h"
#include "framework/distributed/local_job.h"

namespace atelier {
namespace {

TEST(HostPlace, OfAProcessAloneIsTheWholeHost) {
  const auto alone = make_serial_communicator();
  EXPECT_EQ(alone->host_place().rank, 0);
  EXPECT_EQ(alone->host_place().size, 1);
}

TEST(HostPlace, OfALocalJobIsItsPlaceAmongTheJobs) {
  setenv(LocalJob::variable, "2/4", 1);
  const auto worker = make_serial_communicator();
  unsetenv(LocalJob::variable);
  EXPECT_EQ(worker->size(), 1);
  EXPECT_EQ(worker->host_place().rank, 2);
  EXPECT_EQ(worker->host_place().size, 4);
  EXPECT_EQ(worker->split(0)->host_place().size, 4);
}

TEST(HostPlace, ProcessesThatAreBoundToNothingShareTheCores) {
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  cpu_set_t bound;
  ASSERT_EQ(sched_getaffinity(0, sizeof bound, &bound), 0);
  if (CPU_COUNT(&bound) < all) GTEST_SKIP() << "this test is bound to some cores itself";
  EXPECT_EQ((HostPlace{0, 1}.cores()), all);
  EXPECT_EQ((HostPlace{1, 2}.cores()), std::max(1, all / 2));
  EXPECT_EQ((HostPlace{0, 10'000}.cores()), 1);
}

TEST(HostPlace, AProcessThatIsBoundHasThoseCores) {
  if (std::thread::hardware_concurrency() < 2) GTEST_SKIP() << "there is one core";
  cpu_set_t before, one;
  ASSERT_EQ(sched_getaffinity(0, sizeof before, &before), 0);
  CPU_ZERO(&one);
  for (int core = 0; core < CPU_SETSIZE && CPU_COUNT(&one) == 0; ++core) {
    if (CPU_ISSET(core, &before)) CPU_SET(core, &one);
  }
  ASSERT_EQ(sched_setaffinity(0, sizeof one, &one), 0);
  EXPECT_EQ((HostPlace{0, 1}.cores()), 1);
  sched_setaffinity(0, sizeof before, &before);
}

}  // namespace
}  // namespace atelier
