#include "framework/core/stop_signal.h"

#include <csignal>
#include <cstdlib>

namespace atelier {
namespace {

volatile std::sig_atomic_t stop_requested = 0;

extern "C" void request_stop(int signal_number) {
  if (stop_requested && signal_number == SIGINT) _Exit(130);
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
