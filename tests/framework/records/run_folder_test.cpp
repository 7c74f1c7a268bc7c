#include "framework/records/run_folder.h"

#include <gtest/gtest.h>

#include "framework/storage/atomic_file.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

TEST(RunFolder, ReadsBackItsResult) {
  const ScratchFolder place;
  const RunFolder folder(place.path());
  EXPECT_FALSE(folder.read_result().has_value());
  folder.write_result({.state = TrialState::failed,
                       .reason = "a \"reason\"\nin two lines",
                       .steps = 7,
                       .seconds = 1.5,
                       .values = {{"eval.x", 0.1}}});
  const auto result = folder.read_result();
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->state, TrialState::failed);
  EXPECT_EQ(result->reason, "a \"reason\"\nin two lines");
  EXPECT_EQ(result->steps, 7);
  EXPECT_EQ(result->values.at("eval.x"), 0.1);
}

TEST(RunFolder, KeepsTheNewestCheckpointsAndIgnoresUnfinishedOnes) {
  const ScratchFolder place;
  const RunFolder folder(place.path());
  EXPECT_FALSE(folder.newest_checkpoint().has_value());
  for (const int step : {100, 200, 300}) make_folder(folder.checkpoint(step));
  make_folder(folder.checkpoints() / ".00000400.host.1.0.part");
  EXPECT_EQ(folder.newest_checkpoint(), 300);
  folder.remove_old_checkpoints(2);
  EXPECT_FALSE(std::filesystem::exists(folder.checkpoint(100)));
  EXPECT_TRUE(std::filesystem::exists(folder.checkpoint(200)));
  folder.remove_unfinished_checkpoints();
  EXPECT_FALSE(std::filesystem::exists(folder.checkpoints() / ".00000400.host.1.0.part"));
  EXPECT_EQ(folder.newest_checkpoint(), 300);
}

TEST(RunFolder, KeepsTheBestCheckpointTooUntilAnotherIsBetter) {
  const ScratchFolder place;
  const RunFolder folder(place.path());
  EXPECT_FALSE(folder.best_checkpoint());
  for (const int step : {100, 200, 300}) make_folder(folder.checkpoint(step));
  const BestCheckpoint best{.step = 100, .measure = "eval.kid", .value = 0.1 + 0.2, .highest = true};
  folder.write_best_checkpoint(best);
  EXPECT_EQ(folder.best_checkpoint(), best);
  folder.remove_old_checkpoints(1);
  EXPECT_TRUE(std::filesystem::exists(folder.checkpoint(100)));
  EXPECT_FALSE(std::filesystem::exists(folder.checkpoint(200)));
  EXPECT_EQ(folder.newest_checkpoint(), 300);
  folder.write_best_checkpoint(BestCheckpoint{.step = 300, .measure = "eval.kid", .value = 1});
  folder.remove_old_checkpoints(1);
  EXPECT_FALSE(std::filesystem::exists(folder.checkpoint(100)));
  folder.write_best_checkpoint(std::nullopt);
  EXPECT_FALSE(folder.best_checkpoint());
}

}  // namespace
}  // namespace atelier
