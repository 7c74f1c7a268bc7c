// Sweeps as a user runs them, through the command line, with trials that cost nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <set>
#include <thread>

#include "framework/records/run_folder.h"
#include "framework/storage/json_lines.h"
#include "tests/command.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

using testing::HasSubstr;
using testing::Not;

class SweepCommand : public testing::Test {
 protected:
  void SetUp() override {
    write("f.toml", "kind = \"function\"\nname = \"f\"\n[function]\nname = \"sphere\"\ndimensions = 2\n");
  }

  void write(const std::string& name, const std::string& text) { write_text(folder_ / name, text); }
  /// A sweep of `f.toml` named "s"; `more` follows the space.
  void write_sweep(const std::string& head, const std::string& space, const std::string& more = "") {
    write("s.toml",
          "name = \"s\"\nexperiment = \"f.toml\"\nminimize = [\"value\"]\n" + head + "[space]\n" + space + more);
  }
  CommandResult sweep(const std::string& options = "") {
    return run_command("atelier sweep s.toml " + options, folder_.path());
  }
  RunFolder trial(int number) const {
    char name[16];
    std::snprintf(name, sizeof name, "%06d", number);
    return RunFolder(folder_ / "runs/s/trials" / name);
  }
  Json status() const { return Json::parse(run_command("atelier status runs/s --json", folder_.path()).output); }
  std::size_t different_parameters() const {
    std::set<std::string> different;
    const Json trials = status()["trials"];
    for (const Json& one : trials) different.insert(one["parameters"].dump());
    return different.size();
  }
  std::int64_t count(const char* state) const { return status()["counts"][state].get<std::int64_t>(); }

  ScratchFolder folder_;
};

TEST_F(SweepCommand, EverySamplerRunsAndTheFolderAloneContinues) {
  for (const char* sampler : {"auto", "grid", "random", "sobol", "tpe", "gp", "cma-es", "nsga2", "pbt"}) {
    write("s.toml",
          std::string("name = \"") + sampler +
              "\"\nexperiment = \"f.toml\"\nminimize = [\"value\"]\ntrials = 12\npopulation = 4\nsampler = \"" +
              sampler +
              "\"\n[space]\n\"function.x1\" = { uniform = [-2, 1] }\n\"function.x2\" = { uniform = [-1, 2] }\n");
    const CommandResult result = sweep();
    EXPECT_EQ(result.status, 0) << result.output;
    EXPECT_THAT(result.output, HasSubstr("12 of 12 trials have ended")) << sampler;
    const std::string out = std::string("runs/") + sampler;
    EXPECT_THAT(run_command("atelier sweep " + out + "/sweep.toml --out " + out, folder_.path()).output,
                HasSubstr("(0 ran in this group"))
        << sampler;
  }
}

TEST_F(SweepCommand, ConditionalParametersStayAwayWhereTheyDoNotCount) {
  write_sweep("sampler = \"grid\"\n",
              "\"function.name\" = { choice = [\"sphere\", \"ackley\"] }\n"
              "\"function.x1\" = { choice = [1.0, 2.0], when = { \"function.name\" = \"ackley\" } }\n");
  EXPECT_EQ(sweep().status, 0);
  EXPECT_EQ(status()["trials"].size(), 3u);
  EXPECT_EQ(status()["trials"][0]["parameters"].size(), 1u);
}

class LocalJobs : public SweepCommand {
 protected:
  void SetUp() override {
    SweepCommand::SetUp();
    write("f.toml", "kind = \"function\"\nname = \"f\"\n[function]\nname = \"sphere\"\nsteps = 5\nseconds = 0.05\n");
    write_sweep("trials = 8\nsampler = \"random\"\n", "\"function.x1\" = { uniform = [-2, 1] }\n");
  }
  std::size_t workers() const {
    const auto journals = std::filesystem::directory_iterator(folder_ / "runs/s/journal");
    return static_cast<std::size_t>(std::distance(begin(journals), end(journals)));
  }
};

TEST_F(LocalJobs, ShareTheTrialsWithoutMpirun) {
  const CommandResult result = sweep("--jobs 3");
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("3 at a time"));
  EXPECT_THAT(result.output, HasSubstr("8 of 8 trials have ended"));
  EXPECT_EQ(count("finished"), 8);
  EXPECT_EQ(workers(), 3u);
}

TEST_F(LocalJobs, SaveWhenTheirStarterIsToldToStopAndGoOn) {
  const CommandResult stopped =
      run_command("atelier sweep s.toml --jobs 2 & sleep 0.6; kill -TERM $!; wait $!", folder_.path());
  EXPECT_EQ(stopped.status, 130) << stopped.output;
  EXPECT_LT(count("finished"), 8);
  EXPECT_EQ(count("running"), 0) << "their claims are given back";
  EXPECT_EQ(sweep("--jobs 2").status, 0);
  EXPECT_EQ(count("finished"), 8);
}

TEST_F(LocalJobs, SaveAtCtrlCWhichReachesAllOfThem) {
  // A group of its own, as a terminal gives it to a command: SIGINT goes to all of it.
  const pid_t starter = fork();
  if (starter == 0) {
    setpgid(0, 0);
    signal(SIGINT, SIG_DFL);
    if (chdir(folder_.path().c_str()) != 0) _exit(1);
    execl(ATELIER_BIN_DIR "/atelier", "atelier", "sweep", "s.toml", "--jobs", "2", nullptr);
    _exit(1);
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(600));
  kill(-starter, SIGINT);
  int how = 0;
  waitpid(starter, &how, 0);
  EXPECT_EQ(WEXITSTATUS(how), 130);
  EXPECT_LT(count("finished"), 8);
  EXPECT_EQ(count("running"), 0) << "their claims are given back";
}

TEST_F(LocalJobs, EndWithAStarterThatIsKilled) {
  run_command("atelier sweep s.toml --jobs 2 & sleep 0.6; kill -KILL $!; wait $!; sleep 0.5", folder_.path());
  EXPECT_EQ(count("running"), 0) << "no worker goes on";
  EXPECT_LT(count("finished"), 8);
}

TEST_F(LocalJobs, SayAMistakeOnce) {
  write("f.toml", "kind = \"function\"\n[function]\nname = \"spher\"\n");
  const CommandResult result = sweep("--jobs 2");
  EXPECT_EQ(result.status, 2);
  EXPECT_EQ(result.output,
            "atelier: f.toml:3: function.name = \"spher\": expected \"sphere\", \"rosenbrock\", "
            "\"ackley\", \"rastrigin\" or \"branin\"; did you mean \"sphere\"?\n");
  EXPECT_EQ(sweep("--jobs 2 --ranks-per-trial 2").status, 2);
}

TEST_F(SweepCommand, ADryRunListsAndMakesNothing) {
  write_sweep("sampler = \"grid\"\n", "\"function.x1\" = { choice = [1.0, 2.0] }\n");
  const CommandResult dry = sweep("--dry-run");
  EXPECT_EQ(dry.status, 0);
  EXPECT_THAT(dry.output, HasSubstr("trial 1: function.x1 = 2.0\n2 trials would run, 0 have ended"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "runs"));
  sweep();
  EXPECT_THAT(sweep("--dry-run").output, HasSubstr("0 trials would run, 2 have ended"));
}

TEST_F(SweepCommand, GrowsAndRunsAgainWhatWasDeleted) {
  write_sweep("sampler = \"grid\"\n", "\"function.x1\" = { choice = [1.0, 2.0] }\n");
  sweep();
  write_sweep("sampler = \"grid\"\n", "\"function.x1\" = { choice = [1.0, 3.0, 2.0] }\n");
  EXPECT_THAT(sweep().output, HasSubstr("3 of 3 trials have ended (1 ran"));
  std::filesystem::remove_all(trial(1).path());
  EXPECT_THAT(sweep().output, HasSubstr("3 of 3 trials have ended (1 ran"));
  write_sweep("sampler = \"grid\"\n", "\"function.x2\" = { choice = [1.0, 2.0] }\n");
  const CommandResult other = sweep();
  EXPECT_EQ(other.status, 2);
  EXPECT_THAT(other.output, HasSubstr("runs/s holds another sweep: function.x2 was not varied; choose another --out"));
}

TEST_F(SweepCommand, AsksForATrialAndRunsChosenOnes) {
  write_sweep("sampler = \"random\"\ntrials = 3\n", "\"function.x1\" = { uniform = [1, 2] }\n");
  EXPECT_THAT(sweep("--only 1").output, HasSubstr("(1 ran"));
  EXPECT_TRUE(std::filesystem::exists(trial(1).result()));
  EXPECT_FALSE(std::filesystem::exists(trial(0).result()));
  EXPECT_THAT(sweep("--enqueue function.x1=1.25").output, HasSubstr("trial 2 waits to be run: function.x1 = 1.25"));
  EXPECT_EQ(count("waiting"), 1);
  EXPECT_THAT(sweep("--enqueue function.x1=1.25").output, HasSubstr("trial 2 has these parameters already"));
  EXPECT_THAT(sweep().output, HasSubstr("4 of 4 trials have ended"));
  EXPECT_EQ(trial(2).read_result()->values.at("value"), 1.25 * 1.25);
  const CommandResult wrong = sweep("--enqueue function.x2=1");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_THAT(wrong.output, HasSubstr("function.x1 is missing"));
}

TEST_F(SweepCommand, SeveralSeedsShareTheirParameters) {
  write_sweep("sampler = \"random\"\ntrials = 2\n", "\"function.x1\" = { uniform = [1, 2] }\n",
              "[set]\nfunction.noise = 1.0\n[trial]\nseeds = 3\n");
  EXPECT_THAT(sweep().output, HasSubstr("6 of 6 trials have ended"));
  const Json trials = status()["trials"];
  EXPECT_EQ(trials[0]["parameters"], trials[2]["parameters"]);
  EXPECT_NE(trials[2]["parameters"], trials[3]["parameters"]);
  EXPECT_NE(trials[0]["values"], trials[1]["values"]);
}

TEST_F(SweepCommand, GroupsOfDifferentSizesTakeWhatFits) {
  write_sweep("sampler = \"grid\"\n",
              "\"function.x1\" = { choice = [1.0, 2.0, 3.0, 4.0] }\n\"trial.ranks\" = { choice = [1, 2] }\n");
  const CommandResult narrow = run_command("atelier sweep s.toml", folder_.path());
  EXPECT_THAT(narrow.output, HasSubstr("trials need more ranks than this group's 1"));
  EXPECT_EQ(count("finished"), 4);
  const CommandResult wide =
      run_command("mpirun -n 3 --oversubscribe atelier sweep s.toml --groups 2,1", folder_.path());
  EXPECT_EQ(wide.status, 0) << wide.output;
  EXPECT_EQ(count("finished"), 8);
  const CommandResult wrong = run_command("mpirun -n 2 atelier sweep s.toml --groups 2,1", folder_.path());
  EXPECT_THAT(wrong.output, HasSubstr("--groups: the groups make 3 ranks, but 2 were started"));
}

TEST_F(SweepCommand, SuccessiveHalvingSpendsLessAndFindsTheSame) {
  const std::string space = "\"function.x1\" = { uniform = [-1, 1] }\n\"function.x2\" = { uniform = [-1, 1] }\n";
  write_sweep("sampler = \"random\"\ntrials = 27\n", space,
              "[set]\nfunction.steps = 27\n[prune]\nkind = \"asha\"\nmin = 1\nmax = 27\nfactor = 3\n");
  EXPECT_EQ(sweep().status, 0);
  std::int64_t steps = 0;
  double best = 1e9, lowest = 1e9;
  const Json trials = status()["trials"];
  for (const Json& one : trials) {
    const RunResult result = *trial(one["number"].get<int>()).read_result();
    steps += result.steps;
    const double x1 = one["parameters"]["function.x1"], x2 = one["parameters"]["function.x2"];
    lowest = std::min(lowest, x1 * x1 + x2 * x2);
    if (result.state == TrialState::finished) best = std::min(best, result.values.at("value"));
  }
  EXPECT_LT(steps, 27 * 27 / 2);
  EXPECT_DOUBLE_EQ(best, lowest);
}

TEST_F(SweepCommand, ATimeLimitSavesAndLeaves) {
  write_sweep("sampler = \"random\"\ntrials = 3\n", "\"function.x1\" = { uniform = [1, 2] }\n",
              "[set]\nfunction.steps = 20\nfunction.seconds = 0.1\n");
  const CommandResult result = sweep("--time-limit 500ms");
  EXPECT_EQ(result.status, 130) << result.output;
  EXPECT_THAT(result.output, HasSubstr("the time limit is reached"));
  EXPECT_EQ(count("waiting"), 1);
}

TEST_F(SweepCommand, AnyProgramIsATrial) {
  write("s.toml",
        "name = \"s\"\ncommand = [\"sh\", \"-c\", \"echo '{\\\"value\\\": '$1'}'\", \"sh\", \"{x}\"]\nminimize = "
        "[\"value\"]\nsampler = \"grid\"\n"
        "[space]\nx = { choice = [3, 1, 2] }\n");
  const CommandResult result = sweep();
  EXPECT_EQ(result.status, 0) << result.output;
  const Json found = status();
  EXPECT_EQ(found["counts"]["finished"], 3);
  EXPECT_EQ(found["best"][0]["parameters"]["x"], 1);
}

TEST_F(SweepCommand, FailedTrialsKeepTheirReasonAndAreRunAgainWhenAsked) {
  write("s.toml",
        "name = \"s\"\ncommand = [\"sh\", \"-c\", \"test -e good || { echo no luck >&2; exit 3; }; echo "
        "'{\\\"value\\\": 1}'\", \"sh\", \"{x}\"]\n"
        "minimize = [\"value\"]\nsampler = \"grid\"\n[space]\nx = { choice = [1, 2] }\n[trial]\nretries = 1\n");
  const CommandResult result = sweep();
  EXPECT_EQ(result.status, 1) << "all failed";
  EXPECT_THAT(result.output, HasSubstr("attempt 2 of 2 follows"));
  EXPECT_THAT(status()["trials"][0]["reason"].get<std::string>(), HasSubstr("no luck"));
  write("good", "");
  EXPECT_THAT(sweep().output, HasSubstr("(0 ran")) << "a failed trial has ended";
  EXPECT_EQ(sweep("--retry-failed").status, 0);
  EXPECT_EQ(count("finished"), 2);
}

TEST_F(SweepCommand, ObjectivesThatNeverComeFailTheTrialWithWhatCame) {
  write("s.toml",
        "name = \"s\"\ncommand = [\"echo\", '{{\"los\": {x}}}']\nminimize = [\"loss\"]\nsampler = \"grid\"\n[space]\nx "
        "= { choice = [1] }\n");
  EXPECT_THAT(sweep().output, HasSubstr("the objective loss was never measured; it measured los"));
  EXPECT_EQ(count("failed"), 1);
}

TEST_F(SweepCommand, AFullDiskEndsTheWorkerAndHarmsNothing) {
  write_sweep("sampler = \"random\"\ntrials = 40\n", "\"function.x1\" = { uniform = [1, 2] }\n");
  const CommandResult full =
      run_command("sh -c 'trap \"\" XFSZ; ulimit -f 4; exec atelier sweep s.toml'", folder_.path());
  EXPECT_EQ(full.status, 1);
  EXPECT_THAT(full.output, HasSubstr("cannot write"));
  EXPECT_THAT(sweep().output, HasSubstr("40 of 40 trials have ended"));
  EXPECT_EQ(count("failed"), 0);
}

TEST_F(SweepCommand, SeedsOfASettingShareItWhoeverBeginsThem) {
  write_sweep("sampler = \"tpe\"\ntrials = 8\n",
              "\"function.x1\" = { uniform = [1, 2] }\n\"function.x2\" = { uniform = [1, 2] }\n",
              "[set]\nfunction.noise = 1.0\nfunction.steps = 2\nfunction.seconds = 0.01\n[trial]\nseeds = 3\n");
  const CommandResult result = run_command("mpirun -n 4 --oversubscribe atelier sweep s.toml", folder_.path());
  EXPECT_EQ(result.status, 0) << result.output;
  const Json trials = status()["trials"];
  ASSERT_EQ(trials.size(), 24u);
  for (int i = 0; i < 24; ++i) EXPECT_EQ(trials[i]["parameters"], trials[i / 3 * 3]["parameters"]) << i;
}

TEST_F(SweepCommand, ASmallSpaceIsNotRunTwiceByManyWorkers) {
  write_sweep("sampler = \"tpe\"\ntrials = 30\n",
              "\"function.x1\" = { choice = [1.0, 2.0, 3.0] }\n\"function.x2\" = { choice = [1.0, 2.0] }\n",
              "[set]\nfunction.seconds = 0.02\n");
  const CommandResult result = run_command("mpirun -n 4 --oversubscribe atelier sweep s.toml", folder_.path());
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(sweep().output, HasSubstr("6 of 6 trials have ended (0 ran"));
  EXPECT_EQ(different_parameters(), 6u);
}

TEST_F(SweepCommand, AFailedAttemptLeavesNothingToTheNext) {
  write("s.toml",
        "name = \"s\"\ncommand = [\"sh\", \"-c\", \"echo '{\\\"step\\\": 1, \\\"value\\\": 9}'; echo "
        "resume=$ATELIER_RESUME >&2; "
        "test -e good || exit 3; echo '{\\\"step\\\": 2, \\\"value\\\": 1}'; : {x}\"]\n"
        "minimize = [\"value\"]\nobjective.value = \"mean\"\nsampler = \"grid\"\n[space]\nx = { choice = [1] "
        "}\n[trial]\nretries = 1\n");
  EXPECT_EQ(sweep().status, 1);
  write("good", "");
  EXPECT_EQ(sweep("--retry-failed").status, 0);
  EXPECT_EQ(read_json_lines(trial(0).metrics()).size(), 2u);
  EXPECT_EQ(trial(0).read_result()->objectives.at("value"), 5);
  EXPECT_EQ(read_text(trial(0).path() / "stderr.txt"), "resume=\n");
  EXPECT_EQ(read_text(trial(0).path() / "failed-000001/stderr.txt"), "resume=\n");
  EXPECT_TRUE(std::filesystem::exists(trial(0).path() / "failed-000003/result.toml"));
}

TEST_F(SweepCommand, AKillWhileAFailedAttemptIsSetAsideLeavesNothingToTheNext) {
  write(
      "s.toml",
      "name = \"s\"\ncommand = [\"sh\", \"-c\", \"echo '{\\\"step\\\": 1, \\\"value\\\": 9}'; test -e good; : {x}\"]\n"
      "minimize = [\"value\"]\nsampler = \"grid\"\n[space]\nx = { choice = [1] }\n[trial]\nretries = 1\n");
  EXPECT_EQ(sweep("--enqueue x=1").status, 0);
  const auto folder = trial(0).path();
  // What a kill in the middle leaves: some files moved, the records not.
  std::filesystem::create_directory(folder / "failed-000001");
  write_text(folder / "failed-000001/unfinished", "");
  write_text(folder / "failed-000001/stdout.txt", "old\n");
  write_text(trial(0).metrics(), "{\"step\":7,\"value\":99.0}\n");
  std::filesystem::create_directories(trial(0).checkpoints() / "00000007");
  EXPECT_EQ(sweep().status, 0);
  EXPECT_EQ(read_json_lines(trial(0).metrics()).size(), 1u);
  EXPECT_FALSE(std::filesystem::exists(trial(0).checkpoints()));
  EXPECT_TRUE(std::filesystem::exists(folder / "failed-000001/metrics.jsonl"));
  EXPECT_FALSE(std::filesystem::exists(folder / "failed-000001/unfinished"));
}

TEST_F(SweepCommand, WhatFailedOnAnotherRankIsJudgedByWhoTakesTheTrialNext) {
  const std::string one = "\"function.x1\" = { choice = [1.0, 2.0] }\n";
  for (const bool retry : {false, true}) {
    std::filesystem::remove_all(folder_ / "runs");
    write_sweep("sampler = \"grid\"\n", one, retry ? "[trial]\nretries = 1\n" : "");
    EXPECT_EQ(sweep("--enqueue function.x1=1").status, 0);
    write_text(trial(0).path() / "rank-failure-000001.toml", "reason = \"rank 1: no luck\"\n");
    EXPECT_EQ(sweep().status, 0);
    EXPECT_EQ(trial(0).read_result()->state, retry ? TrialState::finished : TrialState::failed);
    EXPECT_EQ(trial(0).read_result()->reason, retry ? "" : "rank 1: no luck");
  }
}

TEST_F(SweepCommand, ChosenTrialsOfSeveralSeedsFixNoOtherSetting) {
  write_sweep("sampler = \"tpe\"\ntrials = 6\n",
              "\"function.x1\" = { choice = [1.0, 2.0, 3.0] }\n\"function.x2\" = { choice = [1.0, 2.0] }\n",
              "[trial]\nseeds = 2\n");
  EXPECT_EQ(sweep("--only 11").status, 0);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_ / "runs/s/settings"), {}), 1);
  EXPECT_THAT(sweep().output, HasSubstr("12 of 12 trials have ended"));
  EXPECT_EQ(different_parameters(), 6u);
}

TEST_F(SweepCommand, ATimeLimitEndsAGroupThatIsWiderThanItsTrial) {
  write_sweep("sampler = \"grid\"\n", "\"function.x1\" = { choice = [1.0, 2.0] }\n\"trial.ranks\" = { choice = [1] }\n",
              "[set]\nfunction.steps = 100\nfunction.seconds = 0.1\n");
  const CommandResult result = run_command(
      "timeout 60 mpirun -n 3 --oversubscribe atelier sweep s.toml --groups 3 --time-limit 1s", folder_.path());
  EXPECT_EQ(result.status, 130) << result.output;
  EXPECT_EQ(count("waiting"), 1);
}

TEST_F(SweepCommand, DamagedTrialsHarmNoOther) {
  write_sweep("sampler = \"grid\"\n", "\"function.x1\" = { choice = [1.0, 2.0, 3.0, 4.0] }\n");
  for (const char* name : {"000001", "000002"}) std::filesystem::create_directories(folder_ / "runs/s/trials" / name);
  write("runs/s/trials/000001/trial.toml", "");
  write("runs/s/trials/000002/trial.toml", "number = ");
  std::filesystem::create_directories(folder_ / "runs/s/journal");
  write("runs/s/journal/other.jsonl",
        "{\"event\": \"start\", \"trial\": -1}\n{\"event\": \"start\", \"trial\": 9000000000000000}\n"
        "{\"event\": 3, \"trial\": 0}\n{\"event\": \"end\", \"trial\": 3, \"state\": []}\n[]\nno json\n{\"event\": "
        "\"sta");
  const CommandResult result = sweep();
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("000002/trial.toml"));
  EXPECT_EQ(trial(0).read_result()->state, TrialState::finished);
  EXPECT_EQ(trial(1).read_result()->values.at("value"), 4.0);
  EXPECT_EQ(trial(3).read_result()->values.at("value"), 9.0);
}

TEST_F(SweepCommand, ATrialWhoseFolderIsDeletedWhileItRunsIsRunAgain) {
  write_sweep("sampler = \"grid\"\n", "\"function.x1\" = { choice = [1.0, 2.0] }\n",
              "[set]\nfunction.steps = 20\nfunction.seconds = 0.1\n");
  const CommandResult result =
      run_command("atelier sweep s.toml & sleep 0.7; rm -r runs/s/trials/000000; wait $!", folder_.path());
  EXPECT_EQ(result.status, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("was deleted while it ran"));
  EXPECT_EQ(count("finished"), 2);
}

TEST_F(SweepCommand, RanksOfALaunchAreNotTheSweeps) {
  write_sweep("sampler = \"grid\"\n", "\"function.x1\" = { choice = [1.0, 2.0] }\n");
  EXPECT_EQ(run_command("mpirun -n 2 atelier sweep s.toml --ranks-per-trial 2 --only 0", folder_.path()).status, 0);
  EXPECT_THAT(sweep().output, HasSubstr("2 of 2 trials have ended (1 ran"));
  const CommandResult dry = run_command("mpirun -n 2 atelier sweep s.toml --out other --dry-run", folder_.path());
  EXPECT_EQ(dry.output.find("2 trials would run"), dry.output.rfind("2 trials would run")) << dry.output;
}

TEST_F(SweepCommand, AnAskedForTrialMayHaveRanksAndSeeds) {
  write_sweep("sampler = \"tpe\"\ntrials = 1\n",
              "\"function.x1\" = { uniform = [1, 2] }\n\"trial.ranks\" = { choice = [1, 2] }\n",
              "[trial]\nseeds = 2\n");
  EXPECT_EQ(sweep("--enqueue function.x1=2 trial.ranks=1").status, 0);
  EXPECT_THAT(sweep("--enqueue trial.ranks=1 function.x1=2.0").output,
              HasSubstr("trial 0 has these parameters already"));
  EXPECT_THAT(sweep("--enqueue function.x1=2 trial.ranks=0").output,
              HasSubstr("trial.ranks = 0: expected a whole number"));
  EXPECT_EQ(run_command("mpirun -n 2 atelier sweep s.toml --groups 2 --time-limit 10000000h", folder_.path()).status,
            0);
  EXPECT_EQ(count("finished"), 4);
  EXPECT_EQ(trial(1).read_result()->values.at("value"), 4.0);
}

TEST_F(SweepCommand, RefusesWhatCannotBe) {
  const auto complaint = [&](const std::string& options = "") {
    const CommandResult result = sweep(options);
    EXPECT_EQ(result.status, 2) << result.output;
    EXPECT_FALSE(std::filesystem::exists(folder_ / "runs"));
    return result.output;
  };
  const std::string space = "\"function.x1\" = { uniform = [1, 2] }\n";
  write_sweep("trials = 3\n",
              "\"function.x1\" = { uniform = [1, 2], when = { \"function.x2\" = 1 } }\n\"function.x2\" = { choice = "
              "[1.0], when = { \"function.x1\" = 1 } }\n");
  EXPECT_THAT(complaint(), HasSubstr("s.toml:6: the conditions of function.x1 go in a circle"));
  write_sweep("trials = 3\n", "\"function.x1\" = { uniform = [1, 2], when = { \"function.x3\" = 1 } }\n");
  EXPECT_THAT(complaint(), HasSubstr("s.toml:6: function.x1: when function.x3: [space] does not vary that"));
  write_sweep("trials = 3\nconstraints = [\"value ~ 3\"]\n", space);
  EXPECT_THAT(complaint(), HasSubstr("s.toml:5: constraints: \"value ~ 3\": expected MEASURE"));
  write_sweep("trials = 3\nconstraints = [\"vaule >= 3\"]\n", space);
  EXPECT_THAT(complaint(), HasSubstr("there is no such measure"));
  write_sweep("trials = 3\nsampler = \"tep\"\n", space);
  EXPECT_THAT(complaint(), HasSubstr("did you mean \"tpe\"?"));
  write_sweep("trials = 3\n", space, "[prune]\nkind = \"ahsa\"\n");
  EXPECT_THAT(complaint(), HasSubstr("did you mean \"asha\"?"));
  write_sweep("trials = 3\n", space, "[trial]\ntimeout = \"six\"\n");
  EXPECT_THAT(complaint(), HasSubstr("trial.timeout = \"six\": expected a duration"));
  write_sweep("trials = 3\n", space);
  EXPECT_THAT(complaint("--time-limit soon"), HasSubstr("--time-limit soon: expected a duration"));
  write("s.toml",
        "name = \"s\"\ncommand = [\"true\", \"{lr}\"]\nminimize = [\"v\"]\ntrials = 2\n[space]\nrl = { uniform = [0, "
        "1] }\n");
  EXPECT_THAT(complaint(), HasSubstr("s.toml:6: the command has no {rl}; did you mean {lr}?"));
  write("s.toml",
        "name = \"s\"\ncommand = [\"true\", \"{seed}\"]\nminimize = [\"v\"]\ntrials = 2\n[space]\nseed = { int = [0, "
        "9] }\n[trial]\nseeds = 2\n");
  EXPECT_THAT(complaint(), HasSubstr("s.toml:6: seed is varied by trial.seeds already"));
  write("s.toml",
        "name = \"s\"\ncommand = [\"true\"]\nminimize = [\"v\"]\ntrials = 2\n[space]\n\"trial.ranks\" = { choice = [1, "
        "1.5] }\n");
  EXPECT_THAT(complaint(), HasSubstr("s.toml:6: trial.ranks must be whole numbers of 1 or more"));
}

}  // namespace
}  // namespace atelier
