#include "analysis/status.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiments/spec.h"
#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScratchFolder;
using testing::SyntheticSweep;

std::vector<std::string> keys(const Json& object) {
  std::vector<std::string> names;
  for (const auto& [key, value] : object.items()) names.push_back(key);
  return names;
}

TEST(Status, JsonHasTheFormProgramsRelyOn) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_finished(0, 1, "0.5");
  sweep.add_finished(1, 2.5, "0.25");
  sweep.add_ended(2, 3, "failed", "diverged", {{"eval.content", "nan"}});
  sweep.add_waiting(3, 4);
  const Json status = status_json(compare({scratch.path()}, known_measures(), Detail::status));
  EXPECT_THAT(keys(status),
              ElementsAre("name", "counts", "best", "workers", "trials_per_hour", "seconds_left", "trials"));
  EXPECT_EQ(status["name"], "loss-weights");
  EXPECT_EQ(status["counts"]["finished"], 2);
  EXPECT_EQ(status["counts"]["failed"], 1);
  EXPECT_EQ(status["counts"]["waiting"], 1);
  EXPECT_EQ(status["counts"]["running"], 0);
  ASSERT_EQ(status["trials"].size(), 4u);
  EXPECT_THAT(keys(status["trials"][1]), ElementsAre("number", "state", "parameters", "values", "reason"));
  EXPECT_EQ(status["trials"][1]["parameters"]["loss.content.weight"], 2.5);
  EXPECT_EQ(status["trials"][1]["values"]["eval.content"], 0.25);
  EXPECT_EQ(status["trials"][2]["values"]["eval.content"], "nan");
  EXPECT_EQ(status["trials"][2]["reason"], "diverged");
  ASSERT_EQ(status["best"].size(), 1u);
  EXPECT_EQ(status["best"][0], status["trials"][1]);
}

TEST(Status, AnEmptySweepHasNoTrialsAndNoBest) {
  const ScratchFolder scratch;
  const SyntheticSweep sweep(scratch.path());
  const Json status = status_json(compare({sweep.folder()}, known_measures(), Detail::status));
  EXPECT_TRUE(status["trials"].empty());
  EXPECT_TRUE(status["best"].empty());
}

TEST(Status, TheTableMarksTheBestAndNeverObeysATrialsName) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_finished(0, 1, "0.5");
  sweep.add_ended(1, 2, "failed", "\\u001b[31mred", {});
  const std::string table = status_table(compare({scratch.path()}, known_measures(), Detail::status));
  EXPECT_THAT(table, HasSubstr("1 finished, 1 failed of 8 planned"));
  EXPECT_THAT(table, HasSubstr("finished *"));
  EXPECT_THAT(table, HasSubstr("eval.content: lower is better (features of photo and output"));
  EXPECT_THAT(table, Not(HasSubstr("\x1b")));
}

}  // namespace
}  // namespace atelier
