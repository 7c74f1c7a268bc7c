#pragma once

namespace atelier {

/// Where a process stands among the processes of its launch on the same host, whichever group or trial they work for:
/// they share the host's cores and its GPUs. A launch is that of MPI, or the workers of `LocalJob`.
struct HostPlace {
  int rank = 0;  ///< 0 .. size-1, in the order of the launch.
  int size = 1;

  /// The cores that this process may compute with. Where the launcher bound it to some of the host's cores, these are
  /// its share; otherwise it has an equal share of all, at least one.
  int cores() const;
};

}  // namespace atelier
