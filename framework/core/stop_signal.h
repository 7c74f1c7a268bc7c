#pragma once

namespace atelier {

/// Turns SIGINT, SIGTERM and SIGUSR1 (which clusters send as a notice before they take a node away) into a flag that
/// loops ask between steps, so that they save their state and leave. A second SIGINT ends the program at once, as a
/// person at the keyboard expects. Handled until the process ends: a rank that is done still waits for the others.
class StopSignal {
 public:
  StopSignal();
  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  static void request();    ///< As if a signal had come; from any thread.
  static bool requested();  ///< True once a signal came after a `StopSignal` was made.
};

}  // namespace atelier
