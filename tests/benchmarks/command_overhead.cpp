// What a trial of a program costs beside posix_spawn and waitpid of the same program, in turn in one process:
//   command_overhead [TRIALS] [FOLDER]
// Each trial has a folder of its own with parameters, output, errors and records. The last rows do the same with a GB
// of memory in use, as a process that has loaded libraries and data has it. The difference is of medians, in ms.

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "framework/storage/atomic_file.h"
#include "sweeps/command_trials.h"

extern char** environ;

namespace {

using namespace atelier;
using Clock = std::chrono::steady_clock;

double ms_of(const auto& work) {
  const auto start = Clock::now();
  work();
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

double quantile(std::vector<double> times, double share) {
  std::sort(times.begin(), times.end());
  return times[static_cast<std::size_t>(share * static_cast<double>(times.size() - 1))];
}

/// As fast as it can be: the parent's memory is not copied. The output goes to a file too.
void spawn_and_wait(const std::vector<std::string>& command, const std::filesystem::path& output) {
  std::vector<char*> words;
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  pid_t child = -1;
  if (posix_spawnp(&child, words[0], &actions, nullptr, words.data(), environ) == 0) waitpid(child, nullptr, 0);
  posix_spawn_file_actions_destroy(&actions);
}

void compare(const char* title, const std::vector<std::string>& plain, const std::vector<std::string>& command,
             int trials, const std::filesystem::path& place) {
  const auto alone = make_serial_communicator();
  CommandTrials runner({.command = command}, {"x"});
  std::vector<double> bare, ours;
  for (int i = -5; i < trials; ++i) {  // the first do not count
    const RunFolder folder(place / "trials" / std::to_string(i + 5));
    make_folder(folder.path());
    const double theirs = ms_of([&] { spawn_and_wait(plain, place / "output"); });
    const double own = ms_of([&] { runner.run({{"x", 0.5}}, folder, *alone, {}); });
    if (i < 0) continue;
    bare.push_back(theirs);
    ours.push_back(own);
  }
  std::filesystem::remove_all(place / "trials");
  std::printf(
      "%-34s posix_spawn %6.2f ms (quartiles %.2f to %.2f)   trial %6.2f ms (%.2f to %.2f)   difference %5.2f ms\n",
      title, quantile(bare, 0.5), quantile(bare, 0.25), quantile(bare, 0.75), quantile(ours, 0.5), quantile(ours, 0.25),
      quantile(ours, 0.75), quantile(ours, 0.5) - quantile(bare, 0.5));
}

}  // namespace

int main(int argc, char** argv) {
  const int trials = argc > 1 ? std::atoi(argv[1]) : 200;
  if (trials < 1) {
    std::fprintf(stderr, "command_overhead [TRIALS] [FOLDER]\n");
    return 2;
  }
  const std::filesystem::path place =
      (argc > 2 ? std::filesystem::path(argv[2]) : std::filesystem::temp_directory_path()) /
      ("command-overhead-" + std::to_string(getpid()));
  make_folder(place);
  const std::vector<std::string> report = {"sh", "-c", "echo \"{\\\"value\\\": $1}\"", "sh", "0.5"};
  const std::vector<std::string> report_of_trial = {"sh", "-c", "echo \"{{\\\"value\\\": $1}}\"", "sh", "{x}"};
  compare("true", {"true"}, {"true"}, trials, place);
  compare("sh -c 'echo {\"value\": 0.5}'", report, report_of_trial, trials, place);
  std::vector<char> memory(std::size_t{1} << 30, 1);
  compare("true, 1 GB in use", {"true"}, {"true"}, trials, place);
  compare("sh -c echo, 1 GB in use", report, report_of_trial, trials, place);
  const volatile char used = memory[memory.size() / 2];
  static_cast<void>(used);
  std::filesystem::remove_all(place);
}
