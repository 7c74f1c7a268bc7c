#include "sweeps/objectives.h"

#include <gtest/gtest.h>

#include <cmath>

#include "framework/storage/json_lines.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

struct Judged {
  ScratchFolder place;
  RunFolder run{place.path()};
  SweepSpec spec;
  Judged() {
    spec.minimize = {"loss"};
    spec.maximize = {"ssim"};
    JsonLinesWriter records(run.metrics());
    for (const double loss : {5.0, 1.0, std::nan(""), 3.0})
      records.write({{"step", 1}, {"loss", json_number(loss)}, {"ssim", 0.1 * loss}});
  }
  RunResult settle(std::map<std::string, double> values) const {
    RunResult result{.values = std::move(values)};
    Objectives(spec).settle(result, run);
    return result;
  }
};

TEST(Objectives, AreTheLastTheBestOrAMean) {
  Judged judged;
  EXPECT_TRUE(judged.settle({{"loss", 3}, {"ssim", 0.3}}).objectives.empty());
  judged.spec.objective.value = SweepSpec::Objective::Which::best;
  const RunResult best = judged.settle({{"loss", 3}, {"ssim", 0.3}});
  EXPECT_EQ(best.objectives.at("loss"), 1);
  EXPECT_EQ(best.objectives.at("ssim"), 0.5) << "more is better here";
  EXPECT_EQ(best.values.at("loss"), 3);
  EXPECT_EQ(best.judged().at("loss"), 1);
  judged.spec.objective = {.value = SweepSpec::Objective::Which::mean, .last = 2};
  EXPECT_EQ(judged.settle({{"loss", 3}, {"ssim", 0.3}}).objectives.at("loss"), 2)
      << "records without a number do not count";
  EXPECT_EQ(Objectives(judged.spec).values({{"loss", 2}, {"ssim", 0.5}}), (std::vector<double>{2, -0.5}));
}

TEST(Objectives, ThatNeverComeOrAreNoNumbersFailTheTrial) {
  const Judged judged;
  const RunResult missing = judged.settle({{"loss", 3}, {"psnr", 20}});
  EXPECT_EQ(missing.state, TrialState::failed);
  EXPECT_EQ(missing.reason, "the objective ssim was never measured; it measured loss, psnr");
  const RunResult nan = judged.settle({{"loss", std::nan("")}, {"ssim", 1}});
  EXPECT_EQ(nan.state, TrialState::failed);
  EXPECT_EQ(nan.reason, "the objective loss is not a number");
  RunResult pruned{.state = TrialState::pruned, .reason = "asha", .values = {}};
  Objectives(judged.spec).settle(pruned, judged.run);
  EXPECT_EQ(pruned.state, TrialState::pruned);
}

}  // namespace
}  // namespace atelier
