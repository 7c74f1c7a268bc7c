#include "launch/local_jobs.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <vector>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/distributed/local_job.h"
#include "launch/program.h"

namespace atelier {
namespace {

/// The signals that are waited for. They are blocked, so that none comes unseen between two waits.
sigset_t awaited_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1, SIGCHLD}) sigaddset(&signals, number);
  return signals;
}

/// What a child does between `fork` and `exec`: only calls that are safe there.
[[noreturn]] void become_worker(pid_t parent, const sigset_t& mask, char* const* arguments, char* const* environment) {
  sigprocmask(SIG_SETMASK, &mask, nullptr);
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);  // it died before that
  execve("/proc/self/exe", arguments, environment);
  _exit(127);
}

/// `mask`: the signals that the worker blocks.
pid_t start_worker(const LocalJob& job, const sigset_t& mask) {
  std::vector<std::string> words = command_line();
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  std::string own = format("{}={}", LocalJob::variable, job.to_text());
  std::vector<char*> variables;
  for (char** variable = environ; *variable; ++variable) variables.push_back(*variable);
  variables.push_back(own.data());
  variables.push_back(nullptr);
  const pid_t parent = getpid(), child = fork();
  if (child == 0) become_worker(parent, mask, arguments.data(), variables.data());
  if (child < 0) throw Error(format("cannot start worker {}: {}", job.to_text(), system_message(errno)));
  return child;
}

}  // namespace

int run_local_jobs(int count) {
  const sigset_t signals = awaited_signals();
  sigset_t before;
  sigprocmask(SIG_BLOCK, &signals, &before);
  std::vector<pid_t> workers;
  for (int index = 0; index < count; ++index) workers.push_back(start_worker({.index = index, .count = count}, before));
  bool interrupted = false;
  int worst = 0;
  for (int left = count; left > 0;) {
    const int signal_number = sigwaitinfo(&signals, nullptr);
    if (signal_number > 0 && signal_number != SIGCHLD) {
      // After SIGINT too: it came from the keyboard to all of them, and a second one would end them without saving.
      interrupted = true;
      for (const pid_t worker : workers) {
        if (worker > 0) kill(worker, SIGTERM);
      }
    }
    int how = 0;
    for (pid_t ended; (ended = waitpid(-1, &how, WNOHANG)) > 0;) {
      const auto worker = std::find(workers.begin(), workers.end(), ended);
      if (worker == workers.end()) continue;
      *worker = 0;
      --left;
      const auto number = worker - workers.begin() + 1;
      const int status = WIFEXITED(how) ? WEXITSTATUS(how) : 1;
      if (status == 130) interrupted = true;
      if (status == 0 || status == 130) continue;
      if (WIFSIGNALED(how)) {
        log_warning(format("worker {} of {} was ended by signal {}", number, count, WTERMSIG(how)));
      } else {
        log_warning(format("worker {} of {} ended with status {}", number, count, status));
      }
      if (worst == 0) worst = status;
    }
  }
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return worst != 0 ? worst : interrupted ? 130 : 0;
}

}  // namespace atelier
