#include "analysis/export.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "experiments/spec.h"
#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::ScratchFolder;
using testing::SyntheticSweep;
using testing::write_text;

std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> result;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) result.push_back(line);
  return result;
}

TEST(Export, TheTableHasARowForEachTrialWithParametersAndMeasures) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  sweep.add_finished(0, 1.5, "0.1");
  sweep.add_ended(1, 2, "failed", "out of memory, 3 GB", {{"eval.content", "nan"}});
  sweep.add_waiting(2, 3, "instance");
  const std::vector<std::string> rows = lines(trials_csv(compare({sweep.folder()}, known_measures())));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0],
            "sweep,trial,state,reason,setting,seed,data,comparable,feasible,rank,loss.content.weight,generator.norm,"
            "eval.content,generator.content,steps,seconds,folder");
  EXPECT_EQ(rows[1], "loss-weights,0,finished,,0,0,,true,true,1,1.5,layer,0.1,0.1,10,5," + sweep.trial(0).string());
  EXPECT_THAT(rows[2], HasSubstr(",failed,\"out of memory, 3 GB\","));
  EXPECT_THAT(rows[2], HasSubstr(",2,layer,nan,"));
  EXPECT_EQ(rows[3], "loss-weights,2,waiting,,2,,,true,true,,3,instance,,,0,0," + sweep.trial(2).string());
}

TEST(Export, NumbersReadBackExactlyAndQuotesAreDoubled) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  sweep.add_ended(0, 1, "failed", "a \\\"word\\\"\\nand more", {{"eval.content", "0.1000000000000000055"}});
  const std::string csv = trials_csv(compare({sweep.folder()}, known_measures()));
  EXPECT_THAT(csv, HasSubstr("\"a \"\"word\"\"\nand more\""));
  EXPECT_THAT(csv, HasSubstr(",0.1,"));
}

TEST(Export, AParameterCalledLikeAColumnKeepsItsOwn) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  write_text(sweep.trial(0) / "trial.toml", "number = 0\n[parameters]\nsteps = 7\n");
  EXPECT_THAT(lines(trials_csv(compare({sweep.folder()}, known_measures())))[0], HasSubstr(",parameter.steps,steps,"));
}

TEST(Export, TheJsonHasAllThatThePageHasExceptPictures) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  sweep.add_finished(0, 1, "0.5");
  sweep.add_finished(1, 2, "0.4");
  const Json json = report_json(compare({sweep.folder()}, known_measures()));
  for (const char* key : {"trials", "objectives", "parameters", "findings", "importance", "intervals", "ranks"}) {
    EXPECT_TRUE(json.contains(key)) << key;
  }
  EXPECT_EQ(json["trials"][0]["rank"], 2);  // 1 is the best, as in the table.
  EXPECT_EQ(json["trials"][1]["rank"], 1);
  EXPECT_FALSE(json.contains("pictures"));
  EXPECT_FALSE(json["trials"][0].contains("samples"));
  EXPECT_EQ(json["trials"][0]["curves"]["metrics"]["generator.content"]["values"].size(), 10u);
}

TEST(Export, AnEmptySweepIsAHeadAlone) {
  const ScratchFolder scratch;
  const SyntheticSweep sweep(scratch.path() / "sweep");
  EXPECT_EQ(lines(trials_csv(compare({sweep.folder()}, known_measures()))).size(), 1u);
}

}  // namespace
}  // namespace atelier
