// Trainings that an earlier version began are shown, taken to their end and reported.
#include <gmock/gmock.h>

#include "framework/records/run_folder.h"
#include "tests/launch/kept_inputs.h"

namespace atelier {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

class KeptTrainings : public KeptInputs {};

TEST_P(KeptTrainings, ThatWereStoppedGoOnFromTheirCheckpoint) {
  const RunFolder folder(folder_ / "training");
  const std::string before = read_text(folder_ / "training/metrics.jsonl");
  const std::int64_t step = folder.newest_checkpoint().value_or(0);
  ASSERT_GT(step, 0);
  EXPECT_THAT(run("atelier status training").output, HasSubstr("training"));
  const CommandResult result = run("atelier train training.toml --out training");
  ASSERT_EQ(result.status, 0) << result.output;
  const std::vector<Json> records = read_json_lines(folder_ / "training/metrics.jsonl");
  EXPECT_THAT(read_text(folder_ / "training/metrics.jsonl"), StartsWith(before));
  std::int64_t next = 1;
  for (const Json& record : records) {
    if (record.contains("generator.total")) {
      EXPECT_EQ(record.at("step"), next++);
    }
  }
  EXPECT_EQ(next, 31);
  EXPECT_EQ(folder.read_result()->state, TrialState::finished);
  EXPECT_EQ(run("atelier report training --out report.html").status, 0);
}

/// Where the inputs were made. The identity of a trial has the folder of "random" weights in it.
constexpr const char* made_in = "/tmp/atelier-kept-inputs";

class KeptSweepOfTrainings : public KeptInputs {
 protected:
  KeptSweepOfTrainings() : KeptInputs(made_in) {}
};

TEST_P(KeptSweepOfTrainings, GoesOn) {
  const auto trials = files_of_trials("trainings", "trial.toml"), results = files_of_trials("trainings", "result.toml");
  const std::string place = made_in;
  // One test at a time on a machine, whoever runs it.
  const CommandResult result =
      run("flock " + place + ".lock sh -c 'from=$PWD; rm -rf " + place + " && cp -a . " + place + " && cd " + place +
          " && atelier sweep trainings/sweep.toml --out trainings && atelier report trainings --out report.html; "
          "status=$?; cd /; cp -a " +
          place + "/trainings/. $from/trainings; rm -rf " + place + "; exit $status'");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("2 of 2 trials have ended (1 ran"));
  EXPECT_EQ(files_of_trials("trainings", "trial.toml"), trials);
  EXPECT_EQ(files_of_trials("trainings", "result.toml").at("000000"), results.at("000000"));
  EXPECT_THAT(files_of_trials("trainings", "result.toml").at("000001"), HasSubstr("state = \"finished\""));
}

INSTANTIATE_TEST_SUITE_P(Versions, KeptSweepOfTrainings, testing::ValuesIn(kept_versions));
INSTANTIATE_TEST_SUITE_P(Versions, KeptTrainings, testing::ValuesIn(kept_versions));

}  // namespace
}  // namespace atelier
