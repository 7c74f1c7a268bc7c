#pragma once

namespace atelier {

/// Runs this program's own command line `count` times at once, each process with its `LocalJob`, and waits for all.
///
/// They belong to this process' group, so Ctrl-C reaches them; SIGTERM and SIGUSR1 are passed on to them, and when this
/// process is killed they are told to stop. Returns the exit status for all: 0 when each returned 0, 130 when any was
/// interrupted, otherwise the first that is not 0. Throws `Error` when they cannot be started.
int run_local_jobs(int count);

}  // namespace atelier
