#include "framework/core/stop_signal.h"

#include <csignal>
#include <cstdlib>

namespace atelier {
namespace {

volatile std::sig_atomic_t stop_requested = 0, interrupted = 0;

/// Only a second SIGINT is a person who does not want to wait: other signals may come with the first one, in any order.
extern "C" void request_stop(int signal_number) {
  if (interrupted && signal_number == SIGINT) _Exit(130);
  if (signal_number == SIGINT) interrupted = 1;
  stop_requested = 1;
}

}  // namespace

StopSignal::StopSignal() {
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
  sigaction(SIGUSR1, &action, nullptr);
}

void StopSignal::request() { stop_requested = 1; }

bool StopSignal::requested() { return stop_requested != 0; }

}  // namespace atelier
