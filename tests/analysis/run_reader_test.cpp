#include "analysis/run_reader.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using testing::ScratchFolder;
using testing::SyntheticSweep;
using testing::write_text;

const Curve* find(const RunRecord& run, const std::string& metric) {
  for (const auto& [name, curve] : run.curves) {
    if (name == metric) return &curve;
  }
  return nullptr;
}

TEST(RunReader, ReadsAWholeRun) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  const RunRecord run = read_run(sweep.add_finished(3, 2.5, "0.125"));
  EXPECT_EQ(run.state, TrialState::finished);
  EXPECT_EQ(run.number, 3);
  EXPECT_EQ(run.name, "quick");
  EXPECT_EQ(run.steps, 10);
  EXPECT_EQ(run.seconds, 5.0);
  EXPECT_EQ(run.value("eval.content"), 0.125);
  EXPECT_EQ(run.parameters.find("loss.content.weight")->number(), 2.5);
  EXPECT_EQ(run.spec.find("generator.width")->number(), 16);
  ASSERT_NE(find(run, "generator.content"), nullptr);
  EXPECT_EQ(find(run, "generator.content")->size(), 10u);
  EXPECT_EQ(run.inputs.size(), 2u);
  ASSERT_EQ(run.samples.size(), 2u);
  EXPECT_EQ(run.samples[1].step, 10);
  EXPECT_EQ(run.samples[1].pictures.size(), 2u);
  EXPECT_TRUE(run.problems.empty());
}

TEST(RunReader, ATruncatedRecordCostsOnlyItself) {
  const ScratchFolder scratch;
  write_text(scratch.path() / "metrics.jsonl",
             "{\"step\":1,\"time\":1,\"a\":1.5}\n{\"step\":2,\"time\":2,\"a\":\"nan\"}\n{\"step\":3,\"ti");
  const RunRecord run = read_run(scratch.path());
  ASSERT_NE(find(run, "a"), nullptr);
  EXPECT_EQ(find(run, "a")->size(), 2u);
  EXPECT_TRUE(std::isnan(find(run, "a")->values[1]));
  EXPECT_EQ(run.state, TrialState::running);
  EXPECT_TRUE(run.problems.empty());
}

TEST(RunReader, RecordsMadeAgainAfterAResumeReplaceTheFirst) {
  const ScratchFolder scratch;
  write_text(scratch.path() / "metrics.jsonl",
             "{\"step\":1,\"a\":1}\n{\"step\":2,\"a\":2}\n{\"step\":3,\"a\":3}\n{\"step\":2,\"a\":20}\n");
  EXPECT_EQ(find(read_run(scratch.path()), "a")->values, (std::vector<double>{1, 20}));
}

TEST(RunReader, DamagedFilesBecomeReasonsAndNeverThrow) {
  const ScratchFolder scratch;
  write_text(scratch.path() / "trial.toml", "number = = 3");
  write_text(scratch.path() / "spec.toml", "name = \"half");
  write_text(scratch.path() / "result.toml", "state = \"finis");
  write_text(scratch.path() / "metrics.jsonl", "[1,2]\nnot json\n\n{\"step\":\"x\"}\n");
  write_text(scratch.path() / "samples" / "oops" / "00.png", "no picture");
  const RunRecord run = read_run(scratch.path());
  EXPECT_EQ(run.state, std::nullopt);
  EXPECT_NE(run.reason.find("trial.toml"), std::string::npos);
  EXPECT_EQ(run.problems.size(), 4u);
  EXPECT_TRUE(run.samples.empty());
}

TEST(RunReader, AnUnknownStateIsSaid) {
  const ScratchFolder scratch;
  write_text(scratch.path() / "result.toml", "state = \"exploded\"");
  const RunRecord run = read_run(scratch.path());
  EXPECT_EQ(run.state, std::nullopt);
  EXPECT_NE(run.reason.find("exploded"), std::string::npos);
}

TEST(RunReader, AClaimTellsRunningFromWaiting) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  const auto folder = sweep.add_waiting(0, 1.0);
  EXPECT_EQ(read_run(folder).state, TrialState::waiting);
  write_text(folder / "claim-000001.json", "{}");
  EXPECT_EQ(read_run(folder).state, TrialState::running);
  EXPECT_EQ(read_run(folder).reason, "");
  const auto now = std::filesystem::file_time_type::clock::now();
  std::filesystem::last_write_time(folder / "claim-000001.json", now - std::chrono::seconds(300));
  EXPECT_EQ(read_run(folder).state, TrialState::running);
  EXPECT_EQ(read_run(folder).reason, "no sign of life for 5 min 0 s");
}

TEST(RunReader, AClaimIsJudgedByItsOwnLease) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  const auto folder = sweep.add_waiting(0, 1.0);
  const auto reason_after = [&](const std::string& claim, std::chrono::seconds quiet) {
    write_text(folder / "claim-000001.json", claim);
    const auto now = std::filesystem::file_time_type::clock::now();
    std::filesystem::last_write_time(folder / "claim-000001.json", now - quiet);
    const RunRecord run = read_run(folder);
    EXPECT_EQ(run.state, TrialState::running);
    return run.reason;
  };
  EXPECT_EQ(reason_after("{\"lease\":600}", std::chrono::seconds(300)), "");
  EXPECT_EQ(reason_after("{\"lease\":5}", std::chrono::seconds(30)), "no sign of life for 30 s");
  EXPECT_EQ(reason_after("{}", std::chrono::seconds(30)), "") << "earlier versions do not say it: 60 s";
}

TEST(RunReader, AReleasedClaimIsWaitingAgainUntilTheNextGeneration) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  const auto folder = sweep.add_waiting(0, 1.0);
  write_text(folder / "claim-000001.json", "{}");
  write_text(folder / "released-000001", "");
  write_text(folder / "metrics.jsonl", "{\"step\":7,\"a\":1}\n");
  EXPECT_EQ(read_run(folder).state, TrialState::waiting);
  EXPECT_EQ(read_run(folder).reason, "interrupted at step 7; goes on when its sweep does");
  write_text(folder / "claim-000002.json", "{}");
  EXPECT_EQ(read_run(folder).state, TrialState::running);
}

TEST(RunReader, ARunOfItsOwnThatWasInterruptedWaitsForTheSameCommand) {
  const ScratchFolder scratch;
  write_text(scratch.path() / "spec.toml", "name = \"quick\"\n");
  write_text(scratch.path() / "metrics.jsonl", "{\"step\":30,\"a\":1}\n");
  EXPECT_EQ(read_run(scratch.path()).state, TrialState::running);  // Of a program that claims nothing.
  write_text(scratch.path() / "claim-000001.json", "{}");
  EXPECT_EQ(read_run(scratch.path()).state, TrialState::running);
  write_text(scratch.path() / "released-000001", "");
  EXPECT_EQ(read_run(scratch.path()).state, TrialState::waiting);
  EXPECT_EQ(read_run(scratch.path()).reason, "interrupted at step 30; the same command goes on");
  write_text(scratch.path() / "result.toml", "state = \"finished\"\nsteps = 40\n");
  EXPECT_EQ(read_run(scratch.path()).state, TrialState::finished);
  EXPECT_EQ(read_run(scratch.path()).reason, "");
}

TEST(RunReader, TheEndOfAFailedRunsLogIsKept) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  const auto folder = sweep.add_ended(0, 1.0, "failed", "out of memory", {});
  std::string log;
  for (int i = 1; i <= 20; ++i) log += "line " + std::to_string(i) + "\n";
  write_text(folder / "log.txt", log);
  const RunRecord run = read_run(folder);
  EXPECT_EQ(run.reason, "out of memory");
  EXPECT_EQ(run.log_tail.substr(0, 8), "line 13\n");
  EXPECT_EQ(run.log_tail.substr(run.log_tail.size() - 7), "line 20");
}

}  // namespace
}  // namespace atelier
