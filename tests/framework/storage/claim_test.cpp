#include "framework/storage/claim.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "framework/storage/atomic_file.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

using namespace std::chrono_literals;

TEST(Claim, BelongsToOneOfMany) {
  const ScratchFolder run;
  std::vector<std::unique_ptr<Claim>> claims(8);
  std::vector<std::thread> threads;
  for (auto& claim : claims) threads.emplace_back([&] { claim = Claim::take(run.path()); });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(std::count_if(claims.begin(), claims.end(), [](const auto& claim) { return claim != nullptr; }), 1);
}

TEST(Claim, CanBeTakenOnceReleased) {
  const ScratchFolder run;
  for (int i = 0; i < 3; ++i) {
    const auto claim = Claim::take(run.path());
    ASSERT_TRUE(claim);
    EXPECT_NO_THROW(claim->check());
    EXPECT_FALSE(Claim::take(run.path()));
  }
}

TEST(Claim, SaysWhoHoldsIt) {
  const ScratchFolder run;
  EXPECT_FALSE(Claim::holder(run.path()));
  const auto claim = Claim::take(run.path());
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  EXPECT_THAT(Claim::holder(run.path())->in_words(),
              testing::MatchesRegex("process " + std::to_string(getpid()) + " on host " + host +
                                    " since ....-..-.. ..:..:.. UTC"));
}

TEST(Claim, ClocksOfHostsDoNotMatter) {
  // A holder elsewhere whose clock is far ahead, or far behind: what counts is the age that the file server gives.
  for (const char* since : {"2090-01-31 08:00:00 UTC", "1990-01-31 08:00:00 UTC"}) {
    const ScratchFolder run;
    const auto file = run / "claim-000001.json";
    write_file(
        file,
        std::string(R"({"host":"elsewhere","pid":1,"machine":"another","process_start":"7","generation":1,"since":")") +
            since + "\"}\n");
    EXPECT_FALSE(Claim::take(run.path(), {.lease = 10s})) << since;
    std::filesystem::last_write_time(file, std::filesystem::last_write_time(file) - 11s);
    const auto claim = Claim::take(run.path(), {.lease = 10s});
    ASSERT_TRUE(claim) << since;
    EXPECT_EQ(claim->generation(), 2);
    EXPECT_EQ(claim->deaths(), 1);
  }
}

TEST(Claim, OfADeletedFolderIsLostAndLeavesTheNextOneAlone) {
  const ScratchFolder place;
  const auto run = place / "run";
  std::filesystem::create_directory(run);
  auto lost = Claim::take(run);
  lost->check();
  std::filesystem::remove_all(run);
  EXPECT_THROW(lost->check(), ClaimLost);
  std::filesystem::create_directory(run);
  const auto next = Claim::take(run);
  ASSERT_TRUE(next);
  EXPECT_EQ(next->generation(), 1);
  EXPECT_THROW(lost->check(), ClaimLost);
  lost.reset();
  next->check();
  EXPECT_FALSE(Claim::take(run)) << "the first holder must not have given the second one's claim back";
}

TEST(Claim, OfADeadProcessIsTakenAtOnce) {
  const ScratchFolder run;
  const pid_t child = fork();
  if (child == 0) {
    auto claim = Claim::take(run.path());
    _exit(claim ? 0 : 1);  // no destructor runs: as kill -9
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_EQ(WEXITSTATUS(status), 0);
  EXPECT_TRUE(Claim::take(run.path()));
}

TEST(Claim, ThatIsNotRenewedIsTakenOverAndItsHolderNotices) {
  const ScratchFolder run;
  int ready[2], finish[2];
  ASSERT_EQ(pipe(ready) | pipe(finish), 0);
  const pid_t child = fork();
  if (child == 0) {
    const auto claim = Claim::take(run.path(), {.lease = 400ms});
    char byte = claim ? 'y' : 'n';
    if (write(ready[1], &byte, 1) != 1 || read(finish[0], &byte, 1) != 1) _exit(3);
    try {
      claim->check();
    } catch (const ClaimLost&) {
      _exit(0);
    }
    _exit(1);
  }
  char byte = 0;
  ASSERT_EQ(read(ready[0], &byte, 1), 1);
  ASSERT_EQ(byte, 'y');
  std::this_thread::sleep_for(1s);
  EXPECT_FALSE(Claim::take(run.path(), {.lease = 400ms})) << "the holder lives and renews";
  kill(child, SIGSTOP);
  std::this_thread::sleep_for(1s);
  const auto mine = Claim::take(run.path(), {.lease = 400ms});
  EXPECT_TRUE(mine);
  kill(child, SIGCONT);
  ASSERT_EQ(write(finish[1], "x", 1), 1);
  int status = 0;
  waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 0) << "the old holder did not notice";
  EXPECT_NO_THROW(mine->check());
}

}  // namespace
}  // namespace atelier
