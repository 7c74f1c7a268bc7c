#include "sweeps/command_trials.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <csignal>
#include <fstream>
#include <thread>

#include "framework/core/error.h"
#include "framework/core/stop_signal.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"
#include "framework/storage/json_lines.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::vector<std::string> names_of(const Parameters& parameters) {
  std::vector<std::string> names;
  for (const auto& [name, value] : parameters) names.push_back(name);
  return names;
}

/// A trial of a command in a folder of its own.
struct CommandTrial {
  ScratchFolder scratch;
  RunFolder folder{scratch / "trials/000012"};
  Parameters parameters;
  TrialContext context;
  CommandSpec spec;

  explicit CommandTrial(std::vector<std::string> command, Parameters chosen = {}) : parameters(std::move(chosen)) {
    spec.command = std::move(command);
    make_folder(folder.path());
  }
  /// The command as a line of the shell, with the trial's values as $1, $2, ...
  static CommandTrial shell(const std::string& script, const Parameters& parameters = {}) {
    std::vector<std::string> command = {"sh", "-c", script, "sh"};
    command[2] = "";
    for (const char c : script) command[2] += c == '{' ? "{{" : c == '}' ? "}}" : std::string(1, c);
    for (const std::string& name : names_of(parameters)) command.push_back("{" + name + "}");
    return CommandTrial(std::move(command), parameters);
  }

  RunResult run() {
    const auto alone = make_serial_communicator();
    CommandTrials trials(spec, names_of(parameters));
    return trials.prepare(parameters)->run(folder, *alone, context);
  }
  std::string text(const std::string& file) const { return read_file(folder.path() / file); }
  std::vector<Json> records() const { return read_json_lines(folder.metrics()); }
};

bool runs(pid_t process) { return kill(process, 0) == 0; }

/// Waits for what another process will do; false when it has not within a minute.
template <class Holds>
bool eventually(const Holds& holds) {
  for (int tries = 0; tries < 6000; ++tries) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return false;
}

/// The numbers that a file lists, once there are so many.
std::vector<pid_t> processes_in(const fs::path& file, std::size_t count) {
  std::vector<pid_t> found;
  eventually([&] {
    found.clear();
    std::ifstream stream(file);
    for (pid_t number = 0; stream >> number;) found.push_back(number);
    return found.size() == count;
  });
  return found;
}

TEST(CommandTrials, NumbersComeFromTheFileAndFromStandardOutput) {
  CommandTrial trial = CommandTrial::shell(
      "echo '{\"step\": 10, \"loss\": 2.5, \"eval\": {\"kid\": 0.5}}'; echo 'epoch 1 done'; echo '{not json}';"
      "echo '{\"step\": 20, \"loss\": 1.5}' >> \"$ATELIER_METRICS\"");
  std::map<double, std::map<std::string, double>> records;
  trial.context.on_record = [&](const MetricRecord& record) {
    records[record.step].insert(record.measures.begin(), record.measures.end());
    return std::nullopt;
  };
  const RunResult result = trial.run();
  EXPECT_EQ(result.state, TrialState::finished) << result.reason;
  EXPECT_EQ(result.values.at("eval.kid"), 0.5);
  using Measures = std::map<std::string, double>;
  EXPECT_EQ(records[10], (Measures{{"loss", 2.5}, {"eval.kid", 0.5}}));
  EXPECT_EQ(records[20], (Measures{{"loss", 1.5}}));
  ASSERT_EQ(trial.records().size(), 2u);
  for (const Json& record : trial.records()) {
    EXPECT_TRUE(record.at("time").is_number());
    EXPECT_EQ(record.at("loss"), record.at("step") == 10 ? 2.5 : 1.5);
  }
  EXPECT_THAT(trial.text("stdout.txt"), HasSubstr("epoch 1 done\n"));
}

TEST(CommandTrials, TheLastValueOfEachMeasureCounts) {
  CommandTrial trial = CommandTrial::shell(
      "for i in 1 2 3; do echo \"{\\\"step\\\": $i, \\\"loss\\\": $((10 - i))}\"; done; echo '{\"step\": 4, \"kid\": "
      "0.25}'");
  const RunResult result = trial.run();
  EXPECT_EQ(result.values, (std::map<std::string, double>{{"loss", 7}, {"kid", 0.25}}));
  EXPECT_EQ(result.steps, 4);
}

TEST(CommandTrials, PythonsNumbersThatAreNotFiniteAreUnderstood) {
  CommandTrial trial(
      {"python3", "-c",
       "import json; print(json.dumps({{'step': 1, 'loss': float('nan'), 'bound': float('-inf'), 'NaN': 2}}))"});
  const RunResult result = trial.run();
  EXPECT_TRUE(std::isnan(result.values.at("loss")));
  EXPECT_TRUE(std::isinf(result.values.at("bound")));
  EXPECT_EQ(result.values.size(), 2u + result.values.count("NaN"));
  EXPECT_EQ(trial.records().at(0).at("loss"), "nan");
}

TEST(CommandTrials, ARecordCarriesItsEpochAndTheTimeOfAllAttempts) {
  CommandTrial trial = CommandTrial::shell(
      "echo '{\"step\": 30, \"epoch\": 1.5, \"loss\": 2}'; sleep 0.1; echo '{\"step\": 40, \"loss\": 1}'");
  std::vector<MetricRecord> heard;
  trial.context.on_record = [&](const MetricRecord& record) {
    heard.push_back(record);
    return std::nullopt;
  };
  trial.run();
  trial.run();
  ASSERT_EQ(heard.size(), 4u);
  for (const MetricRecord& record : heard) EXPECT_EQ(record.epoch, 1.5) << "the last that the program said";
  EXPECT_GE(heard[1].time, 0.1);
  EXPECT_GE(heard[2].time, heard[1].time) << "the second attempt goes on from the first";
  for (std::size_t i = 0; i < heard.size(); ++i) {
    EXPECT_EQ(trial.records()[i].at("time"), heard[i].time) << "as it stands in metrics.jsonl";
    EXPECT_EQ(trial.records()[i].at("epoch"), 1.5);
  }
}

TEST(CommandTrials, RecordsWithoutAStepAreCounted) {
  CommandTrial trial = CommandTrial::shell(
      "echo '{\"loss\": 3}'; echo '{\"loss\": 2}'; echo '{\"step\": 7, \"loss\": 1}'; echo '{\"loss\": 0}'");
  trial.run();
  std::vector<int> steps;
  for (const Json& record : trial.records()) steps.push_back(record.at("step"));
  EXPECT_THAT(steps, ElementsAre(1, 2, 7, 8));
}

TEST(CommandTrials, TheProgramMayCallItsStepsOtherwise) {
  CommandTrial trial = CommandTrial::shell("echo '{\"epoch\": 3, \"loss\": 1}'");
  trial.spec.step_key = "epoch";
  EXPECT_EQ(trial.run().steps, 3);
  EXPECT_EQ(trial.records().at(0).at("step"), 3);
}

TEST(CommandTrials, AFileThatTheProgramBeginsAnewIsReadAnew) {
  CommandTrial trial = CommandTrial::shell(
      "echo '{\"step\": 1, \"loss\": 123456789}' > $ATELIER_METRICS; until grep -q 123456789 metrics.jsonl; do sleep "
      "0.01; done;"
      "echo '{\"step\": 2, \"loss\": 1}' > $ATELIER_METRICS");
  trial.spec.command[2] = "cd \"$ATELIER_TRIAL_DIR\"; " + trial.spec.command[2];
  EXPECT_EQ(trial.run().values.at("loss"), 1);
  EXPECT_EQ(trial.records().size(), 2u);
}

TEST(CommandTrials, ValuesArriveVerbatimAsOneArgument) {
  const std::string hostile = "a b\n\"quoted\" 'too' $(rm -rf x) `id` \\ ; {y} \x01 \xff *";
  CommandTrial trial = CommandTrial::shell(
      "printf '%s' \"$1\" > \"$ATELIER_TRIAL_DIR/got\"; echo \"{\\\"arguments\\\": $#}\"", {{"text", hostile}});
  EXPECT_EQ(trial.run().values.at("arguments"), 1);
  EXPECT_EQ(trial.text("got"), hostile);
}

TEST(CommandTrials, ValuesAreWrittenAsAPersonWould) {
  CommandTrial trial =
      CommandTrial::shell("printf '%s,' \"$@\" > \"$ATELIER_TRIAL_DIR/got\"; echo '{\"x\": 1}'",
                          {{"lr", 1e-5}, {"width", 64.0}, {"depth", 3}, {"flip", true}, {"half", 0.5}});
  trial.run();
  EXPECT_EQ(trial.text("got"), "1e-05,64,3,true,0.5,");
  EXPECT_EQ(Json::parse(trial.text("parameters.json")).dump(),
            "{\"lr\":1e-05,\"width\":64,\"depth\":3,\"flip\":true,\"half\":0.5}");
}

TEST(CommandTrials, WhatDoesNotCountIsLeftOutWithItsOption) {
  CommandTrial trial({"sh", "-c", "printf '%s,' \"$@\" > \"$ATELIER_TRIAL_DIR/got\"; echo '{{\"x\": 1}}'", "sh", "--lr",
                      "{lr}", "--momentum", "{momentum}", "--decay={decay}", "{trial.number}", "{{{lr}}}"},
                     {{"lr", 0.5}});
  const auto alone = make_serial_communicator();
  CommandTrials trials(trial.spec, {"lr", "momentum", "decay"});
  EXPECT_EQ(trials.prepare(trial.parameters)->run(trial.folder, *alone, trial.context).reason, "");
  EXPECT_EQ(trial.text("got"), "--lr,0.5,12,{0.5},");
  EXPECT_THAT(CommandTrials::placeholders(trial.spec.command), ElementsAre("lr", "momentum", "decay", "trial.number"));
}

TEST(CommandTrials, TheEnvironmentNamesAllThatAProgramNeeds) {
  CommandTrial trial = CommandTrial::shell(
      "env > \"$ATELIER_TRIAL_DIR/env\"; pwd > \"$ATELIER_TRIAL_DIR/pwd\"; echo '{\"x\": 1}'", {{"seed", 3}});
  trial.spec.environment = {{"THREADS", "4"}, {"HOME", "/somewhere"}};
  trial.context.parent = trial.scratch / "trials/000003";
  const std::string dir = trial.folder.path().string();
  trial.run();
  const std::string environment = "\n" + trial.text("env");
  EXPECT_THAT(environment, HasSubstr("\nATELIER_TRIAL_DIR=" + dir + "\n"));
  EXPECT_THAT(environment, HasSubstr("\nATELIER_PARAMETERS=" + dir + "/parameters.json\n"));
  EXPECT_THAT(environment, HasSubstr("\nATELIER_METRICS=" + dir + "/"));
  EXPECT_THAT(environment, HasSubstr("\nATELIER_TRIAL_NUMBER=12\n"));
  EXPECT_THAT(environment, HasSubstr("\nATELIER_SEED=3\n"));
  EXPECT_THAT(environment, HasSubstr("\nATELIER_RANKS=1\n"));
  EXPECT_THAT(environment, HasSubstr("\nATELIER_PARENT_DIR=" + trial.context.parent.string() + "\n"));
  EXPECT_THAT(environment, HasSubstr("\nTHREADS=4\n"));
  EXPECT_THAT(environment, HasSubstr("\nHOME=/somewhere\n"));
  EXPECT_THAT(environment, Not(HasSubstr("ATELIER_RESUME")));
  EXPECT_EQ(trial.text("pwd"), fs::current_path().string() + "\n");
  trial.run();
  EXPECT_THAT(trial.text("env"), HasSubstr("ATELIER_RESUME=1\n"));
}

TEST(CommandTrials, AFailureSaysTheExitCodeAndTheLastError) {
  const auto reason = [](std::vector<std::string> command) {
    CommandTrial trial(std::move(command));
    const RunResult result = trial.run();
    EXPECT_EQ(result.state, TrialState::failed);
    return result.reason;
  };
  EXPECT_EQ(reason({"python3", "-c", "raise ValueError('lr must be below 1')"}),
            "exit code 1: ValueError: lr must be below 1");
  EXPECT_EQ(reason({"sh", "-c", "echo warning >&2; printf 'the reason\\n  and more\\n\\n' >&2; exit 3"}),
            "exit code 3: the reason and more");
  EXPECT_EQ(reason({"sh", "-c", "exit 4"}), "exit code 4, with nothing on standard error");
  EXPECT_EQ(reason({"sh", "-c", "kill -SEGV $$"}), "signal SIGSEGV, with nothing on standard error");
  EXPECT_EQ(reason({"sh", "-c", "printf 'a\\001\\033[31m\\377 \\303\\244' >&2; exit 1"}),
            "exit code 1: a\\x01\\x1b[31m\\xff \xc3\xa4");
  const std::string longest = reason({"python3", "-c", "import sys; sys.exit('x' * 100000)"});
  EXPECT_EQ(longest.size(), 500u);
  EXPECT_THAT(longest, StartsWith("exit code 1: xxx"));
  EXPECT_EQ(reason({"./no such program"}), "cannot start ./no such program: No such file or directory");
}

TEST(CommandTrials, AProgramThatReportsNothingHasFailed) {
  CommandTrial trial({"true"});
  const RunResult result = trial.run();
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_THAT(result.reason, HasSubstr("ATELIER_METRICS"));
  EXPECT_THAT(result.reason, HasSubstr("standard output"));
}

TEST(CommandTrials, MistakesAreFoundBeforeAnythingRuns) {
  const auto error = [](std::vector<std::string> command) {
    return error_of<UsageError>([&] { CommandTrials({.command = std::move(command)}, {"train.lr", "width"}); });
  };
  EXPECT_EQ(error({"true", "{train.lr}", "{parameters}", "awk {print $1} {}"}), "");
  EXPECT_THAT(error({}), HasSubstr("command is empty"));
  EXPECT_THAT(error({"true", "--lr={trian.lr}"}), HasSubstr("did you mean {train.lr}?"));
  EXPECT_THAT(error({"true", "{qwertz}"}), HasSubstr("write {{qwertz}}"));
  const CommandSpec own = {.command = {"true"}, .environment = {{"ATELIER_METRICS", "x"}}};
  EXPECT_THAT(error_of<UsageError>([&] { CommandTrials(own, {}); }),
              HasSubstr("ATELIER_METRICS is set for each trial"));
  const auto alone = make_serial_communicator();
  CommandTrials absent({.command = {"no-such-program-here"}}, {});
  EXPECT_THAT(error_of<UsageError>([&] { absent.prepare({})->check(*alone); }),
              HasSubstr("no program no-such-program-here on the PATH"));
  CommandTrials present({.command = {"sh", "{x}"}}, {"x"});
  EXPECT_EQ(error_of<UsageError>([&] { present.prepare({{"x", 1}})->check(*alone); }), "");
  EXPECT_THAT(error_of<UsageError>([&] {
                present.prepare({{"x", std::string(1, '\0')}})->check(*alone);
              }),
              HasSubstr("zero byte"));
}

TEST(CommandTrials, IdentityIsTheCommandAndItsParameters) {
  CommandTrials one({.command = {"a", "{x}"}}, {"x"}), two({.command = {"b", "{x}"}}, {"x"}),
      slower({.command = {"a", "{x}"}, .timeout = 9}, {"x"}),
      other({.command = {"a", "{x}"}, .environment = {{"K", "v"}}}, {"x"});
  EXPECT_NE(one.prepare({{"x", 1}})->identity(), one.prepare({{"x", 2}})->identity());
  EXPECT_NE(one.prepare({{"x", 1}})->identity(), two.prepare({{"x", 1}})->identity());
  EXPECT_NE(one.prepare({{"x", 1}})->identity(), other.prepare({{"x", 1}})->identity());
  EXPECT_EQ(one.prepare({{"x", 1}})->identity(), slower.prepare({{"x", 1}})->identity());
}

TEST(CommandTrials, APrunedProgramMaySaveItsState) {
  CommandTrial trial = CommandTrial::shell(
      "trap 'echo saved > \"$ATELIER_TRIAL_DIR/state\"; exit 0' TERM; echo '{\"step\": 1, \"loss\": 9}'; while :; do "
      "sleep 0.01; done");
  trial.context.on_record = [](const MetricRecord& record) {
    return record.step >= 1 ? std::optional("asha: too slow") : std::nullopt;
  };
  const RunResult result = trial.run();
  EXPECT_EQ(result.state, TrialState::pruned);
  EXPECT_EQ(result.reason, "asha: too slow");
  EXPECT_EQ(result.values.at("loss"), 9);
  EXPECT_EQ(trial.text("state"), "saved\n");
}

TEST(CommandTrials, AProgramThatIgnoresTheRequestToEndIsKilled) {
  CommandTrial trial({"python3", "-c",
                      "import os, signal, time\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
                      "open(os.environ['ATELIER_TRIAL_DIR'] + '/pid', 'w').write(str(os.getpid()) + '\\n')\n"
                      "print('{{\"step\": 1, \"loss\": 9}}', flush=True)\nwhile True: time.sleep(1)"});
  trial.spec.grace = 0.2;
  trial.context.on_record = [](const MetricRecord&) { return std::optional("patience: no better"); };
  EXPECT_EQ(trial.run().state, TrialState::pruned);
  EXPECT_FALSE(runs(std::stoi(trial.text("pid"))));
}

TEST(CommandTrials, TheExamplePrunedAndContinuedEndsAsInOneRun) {
  const std::vector<std::string> command = {"python3",  ATELIER_SOURCE_DIR "/sweeps/examples/python/train.py",
                                            "--lr",     "{lr}",
                                            "--width",  "{width}",
                                            "--epochs", "1500"};
  const Parameters parameters = {{"lr", 0.05}, {"width", 3.0}};
  CommandTrial straight(command, parameters), twice(command, parameters);
  const RunResult expected = straight.run();
  ASSERT_EQ(expected.state, TrialState::finished) << expected.reason;
  twice.context.on_record = [](const MetricRecord& record) {
    return record.step == 3 ? std::optional("asha: wait") : std::nullopt;
  };
  ASSERT_EQ(twice.run().state, TrialState::pruned);
  const std::size_t before = twice.records().size();
  EXPECT_LT(before, 1500u);
  twice.context.on_record = [](const MetricRecord&) { return std::nullopt; };
  const RunResult result = twice.run();
  EXPECT_EQ(result.state, TrialState::finished) << result.reason;
  EXPECT_EQ(result.values, expected.values);
  EXPECT_EQ(twice.records().size(), 1500u);  // each step once
}

TEST(CommandTrials, ATimeoutFailsTheTrial) {
  CommandTrial trial = CommandTrial::shell("echo '{\"loss\": 1}'; sleep 1000");
  trial.spec.timeout = 0.1;
  const RunResult result = trial.run();
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_EQ(result.reason, "timeout after 0.1 s");
}

TEST(CommandTrials, NothingIsLeftBehind) {
  // A child in the background, one whose parent is gone, and one in a session of its own.
  CommandTrial trial = CommandTrial::shell(
      "cd \"$ATELIER_TRIAL_DIR\"; sleep 1000 & echo $! >> pids; (sleep 1000 & echo $! >> pids);"
      "setsid sh -c 'echo $$ >> pids; sleep 1000' & while [ $(wc -l < pids) -lt 3 ]; do sleep 0.01; done; echo "
      "'{\"loss\": 1}'");
  EXPECT_EQ(trial.run().state, TrialState::finished);
  const std::vector<pid_t> processes = processes_in(trial.folder.path() / "pids", 3);
  ASSERT_EQ(processes.size(), 3u);
  for (const pid_t process : processes) EXPECT_FALSE(runs(process));
}

TEST(CommandTrials, ALostClaimKillsTheProgramAtOnce) {
  CommandTrial trial =
      CommandTrial::shell("trap '' TERM; echo $$ > \"$ATELIER_TRIAL_DIR/pids\"; while :; do sleep 0.1; done");
  trial.context.before_write = [&] {
    if (fs::exists(trial.folder.path() / "pids")) throw ClaimLost("taken over");
  };
  EXPECT_EQ(error_of<ClaimLost>([&] { trial.run(); }), "taken over");
  EXPECT_FALSE(runs(processes_in(trial.folder.path() / "pids", 1).at(0)));
}

TEST(CommandTrials, AHundredMegabytesOfOutputTakeNoMemory) {
  // One endless line, binary garbage, and a record in between.
  CommandTrial trial = CommandTrial::shell(
      "head -c 100000000 /dev/zero | tr '\\0' '{'; head -c 3000000 /dev/urandom; printf '\\n{\"loss\": 1}\\n';"
      "head -c 3000000 /dev/urandom");
  struct rusage before {
  }, after{};
  getrusage(RUSAGE_SELF, &before);
  EXPECT_EQ(trial.run().values.at("loss"), 1);
  getrusage(RUSAGE_SELF, &after);
  EXPECT_LT(after.ru_maxrss - before.ru_maxrss, 40'000);  // KB
  EXPECT_GE(fs::file_size(trial.folder.path() / "stdout.txt"), 106'000'000u);
}

TEST(CommandTrials, WhatAKilledWorkerHadNotReadIsReadOnce) {
  CommandTrial trial = CommandTrial::shell("[ \"$ATELIER_RESUME\" = 1 ] && echo '{\"step\": 4, \"loss\": 4}'");
  const fs::path folder = trial.folder.path();
  const std::string said = "{\"step\": 1, \"loss\": 1}\n", more = "{\"step\": 2, \"loss\": 2}\n";
  write_file(folder / "reported.jsonl", said + more + "{\"step\": 3, \"lo");
  write_file(folder / "stdout.txt", "{\"step\": 2, \"kid\": 8}\nhalf a li");
  write_file(folder / "metrics.jsonl",
             "{\"step\":1,\"time\":5.0,\"loss\":1.0,\"from\":\"reported.jsonl:" + std::to_string(said.size()) +
                 "\"}\n{\"step\":2,\"kid\":8.0,\"from\":\"stdout.txt:22\"}\n{\"st");
  const RunResult result = trial.run();
  EXPECT_EQ(result.state, TrialState::finished) << result.reason;
  EXPECT_EQ(result.values, (std::map<std::string, double>{{"loss", 4}, {"kid", 8}}));
  EXPECT_GE(result.seconds, 5);
  std::vector<int> steps;
  for (const Json& record : trial.records()) steps.push_back(record.at("step"));
  EXPECT_THAT(steps, ElementsAre(1, 2, 2, 4));
}

/// A worker in a process of its own, which runs a trial and ends with 7 when that was interrupted, 0 when it finished.
pid_t start_worker(CommandTrial& trial) {
  const pid_t worker = fork();
  if (worker != 0) return worker;
  int status = 1;
  try {
    const StopSignal stop;
    if (trial.run().state == TrialState::finished) status = 0;
  } catch (const Interrupted&) {
    status = 7;
  } catch (const std::exception& problem) {
    write_file(trial.folder.path() / "problem", problem.what());
  }
  _exit(status);
}

int end_of(pid_t worker) {
  int status = 0;
  waitpid(worker, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

const char* const program_with_children =
    "cd \"$ATELIER_TRIAL_DIR\"; trap 'echo saved > state; exit 0' TERM; sleep 1000 & p=$!; echo \"$$ $p\" > pids; "
    "while :; do sleep 0.01; done";

TEST(CommandTrials, AStopSignalLetsTheProgramSaveAndInterrupts) {
  CommandTrial trial = CommandTrial::shell(program_with_children);
  const pid_t worker = start_worker(trial);
  const std::vector<pid_t> processes = processes_in(trial.folder.path() / "pids", 2);
  ASSERT_EQ(processes.size(), 2u);
  kill(worker, SIGTERM);
  EXPECT_EQ(end_of(worker), 7);
  EXPECT_EQ(trial.text("state"), "saved\n");
  for (const pid_t process : processes) EXPECT_FALSE(runs(process));
}

TEST(CommandTrials, AKilledWorkerLeavesNoProgramBehind) {
  CommandTrial trial = CommandTrial::shell(program_with_children);
  const pid_t worker = start_worker(trial);
  const std::vector<pid_t> processes = processes_in(trial.folder.path() / "pids", 2);
  ASSERT_EQ(processes.size(), 2u);
  kill(worker, SIGKILL);
  end_of(worker);
  for (const pid_t process : processes) EXPECT_TRUE(eventually([&] { return !runs(process); }));
}

char state_of(pid_t process) {
  std::ifstream stream("/proc/" + std::to_string(process) + "/stat");
  std::string text;
  std::getline(stream, text);
  const std::size_t name_end = text.rfind(')');
  return name_end == std::string::npos ? '-' : text.at(name_end + 2);
}

TEST(CommandTrials, TheProgramOfASuspendedWorkerWaitsForIt) {
  // A shell that waits in vfork while its child is stopped is not shown as stopped itself, so this one starts nothing.
  CommandTrial trial = CommandTrial::shell(
      "cd \"$ATELIER_TRIAL_DIR\"; echo $$ > pids; until [ -e go ]; do :; done; echo '{\"loss\": 1}'");
  trial.spec.silence = std::chrono::milliseconds(1500);  // the worker is heard once a second
  const pid_t worker = start_worker(trial);
  const pid_t program = processes_in(trial.folder.path() / "pids", 1).at(0);
  kill(worker, SIGSTOP);
  EXPECT_TRUE(eventually([&] { return state_of(program) == 'T'; }));
  write_file(trial.folder.path() / "go", "");
  kill(worker, SIGCONT);
  EXPECT_EQ(end_of(worker), 0);
}

TEST(CommandTrials, TheSameObjectRunsManyTrials) {
  const auto alone = make_serial_communicator();
  const ScratchFolder scratch;
  CommandTrials trials({.command = {"sh", "-c", "echo \"{{\\\"x\\\": $1}}\"", "sh", "{x}"}}, {"x"});
  for (int i = 0; i < 20; ++i) {
    const RunFolder folder(scratch / ("trials/" + std::to_string(i)));
    make_folder(folder.path());
    EXPECT_EQ(trials.prepare({{"x", i}})->run(folder, *alone, {}).values.at("x"), i);
  }
}

}  // namespace
}  // namespace atelier
