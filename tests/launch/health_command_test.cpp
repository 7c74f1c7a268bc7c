// A training in a failure mode ends early and says why, interrupted or not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "framework/records/run_folder.h"
#include "tests/command.h"
#include "tests/scratch_folder.h"
#include "tests/tiny_data.h"

namespace atelier {
namespace {

using testing::HasSubstr;

class FailingTraining : public testing::Test {
 protected:
  FailingTraining() { make_tiny_experiment(folder_.path()); }

  RunResult train(const std::string& settings, const char* out, int expected_status) {
    std::string command = "atelier train tiny.toml --out " + std::string(out);
    std::istringstream words(settings);
    for (std::string word; words >> word;) command += " --set '" + word + "'";
    const CommandResult result = run_command(command, folder_.path());
    EXPECT_EQ(result.status, expected_status) << result.output;
    return RunFolder(folder_ / out).read_result().value();
  }

  ScratchFolder folder_;
};

// The photo plus a correction that hardly moves: its pixels stay what they are.
TEST_F(FailingTraining, EndsEarlyWithTheReasonAndInterruptedAtTheSameStep) {
  const std::string failing =
      "generator.output=residual train.generator.lr=1e-12 health.end=[\"unchanged\"] health.change=10 "
      "health.patience=6 ";
  const RunResult whole = train(failing + "train.steps=20", "whole", 1);
  EXPECT_EQ(whole.state, TrialState::failed);
  EXPECT_EQ(whole.steps, 6);
  EXPECT_THAT(whole.reason,
              HasSubstr("the output is its input: their pixels differed by less than 10 in 6 records in a row"));
  const RunResult part = train(failing + "train.steps=4", "parts", 0);
  EXPECT_EQ(part.state, TrialState::finished);
  const RunResult resumed = train(failing + "train.steps=20", "parts", 1);
  EXPECT_EQ(resumed.state, TrialState::failed);
  EXPECT_EQ(resumed.steps, whole.steps);
  EXPECT_EQ(resumed.reason, whole.reason);
}

TEST_F(FailingTraining, GoesOnWhereItsFailureModeIsNotListed) {
  EXPECT_EQ(train("health.change=10 health.patience=2 health.end=[\"lost\"] train.steps=4", "run", 0).state,
            TrialState::finished);
}

// The record comes long after the step in which the numbers were lost, of which it still speaks.
TEST_F(FailingTraining, NamesTheFirstTensorThatIsNotFinite) {
  for (const char* norm : {"layer", "batch"}) {
    const std::string failing =
        std::string("train.generator.lr=1e30 record.metrics_every=8 record.checkpoint_every=5 train.steps=20 ") +
        "generator.norm=" + norm + " discriminator.norm=" + norm;
    const RunResult result = train(failing, norm, 1);
    EXPECT_EQ(result.state, TrialState::failed);
    EXPECT_EQ(result.steps, 8);
    EXPECT_THAT(result.reason, HasSubstr("; the first tensor that is not finite: the generator's output"));
  }
}

}  // namespace
}  // namespace atelier
