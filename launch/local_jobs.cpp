#include "launch/local_jobs.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

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

volatile std::sig_atomic_t signal_to_pass_on = 0;

extern "C" void note_signal(int signal_number) { signal_to_pass_on = signal_number; }

void handle_signals() {
  struct sigaction action {};
  action.sa_handler = note_signal;  // without SA_RESTART: waiting for a worker returns
  sigemptyset(&action.sa_mask);
  for (const int number : {SIGINT, SIGTERM, SIGUSR1}) sigaction(number, &action, nullptr);
}

/// What a child does between `fork` and `exec`: only calls that are safe there.
[[noreturn]] void become_worker(pid_t parent, const char* program, char* const* arguments, char* const* environment) {
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(1);  // it died before that
  execve(program, arguments, environment);
  _exit(127);
}

pid_t start_worker(const LocalJob& job) {
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
  if (child == 0) become_worker(parent, "/proc/self/exe", arguments.data(), variables.data());
  if (child < 0) throw Error(format("cannot start worker {}: {}", job.to_text(), system_message(errno)));
  return child;
}

}  // namespace

int run_local_jobs(int count) {
  handle_signals();
  std::vector<pid_t> workers;
  for (int index = 0; index < count; ++index) workers.push_back(start_worker({.index = index, .count = count}));
  const auto pass_on = [&] {
    // SIGINT came from the keyboard to all of them; a second one would end them without saving.
    if (signal_to_pass_on == 0) return;
    signal_to_pass_on = 0;
    for (const pid_t worker : workers) {
      if (worker > 0) kill(worker, SIGTERM);
    }
  };
  bool interrupted = false;
  int worst = 0;
  for (int left = count; left > 0;) {
    int how = 0;
    const pid_t ended = wait(&how);
    interrupted = interrupted || signal_to_pass_on != 0;
    pass_on();
    if (ended < 0) {
      if (errno == EINTR) continue;
      throw Error(format("cannot wait for the workers: {}", system_message(errno)));
    }
    for (int index = 0; index < count; ++index) {
      if (workers[static_cast<std::size_t>(index)] != ended) continue;
      workers[static_cast<std::size_t>(index)] = 0;
      --left;
      const int status = WIFEXITED(how) ? WEXITSTATUS(how) : 1;
      if (status == 130) interrupted = true;
      if (status == 0 || status == 130) continue;
      if (WIFSIGNALED(how)) {
        log_warning(format("worker {} of {} was ended by signal {}", index + 1, count, WTERMSIG(how)));
      } else {
        log_warning(format("worker {} of {} ended with status {}", index + 1, count, status));
      }
      if (worst == 0) worst = status;
    }
  }
  return worst != 0 ? worst : interrupted ? 130 : 0;
}

}  // namespace atelier
