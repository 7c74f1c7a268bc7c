#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "framework/distributed/host_place.h"

namespace atelier {

/// A reduction that was started and not yet waited for. Its numbers must stay alive and untouched until `wait` returns.
class PendingSum {
 public:
  virtual ~PendingSum() = default;
  virtual void wait() = 0;
};

/// The processes ("ranks") that work together, and what they can say to each other. One process alone is the identity
/// of everything here, so that nobody asks whether a program runs under MPI.
///
/// All ranks of a communicator must make the same calls in the same order.
class Communicator {
 public:
  virtual ~Communicator() = default;
  virtual int rank() const = 0;  ///< 0 .. size-1.
  virtual int size() const = 0;
  virtual HostPlace host_place() const = 0;  ///< That of the launch, also in a group that `split` made.

  /// Adds up over all ranks, in place; every rank gets the same bits.
  virtual void sum(std::span<float> values) = 0;
  virtual void sum(std::span<double> values) = 0;
  /// As `sum`, going on while the caller computes.
  virtual std::unique_ptr<PendingSum> start_sum(std::span<float> values) = 0;
  virtual std::unique_ptr<PendingSum> start_sum(std::span<double> values) = 0;

  /// Gives everyone the bytes of `root`.
  virtual void broadcast(std::span<std::byte> bytes, int root) = 0;
  virtual void barrier() = 0;

  /// Every rank's text, in the order of ranks, on every rank.
  virtual std::vector<std::string> gather(const std::string& text) = 0;

  /// The ranks that gave the same `color`, as a communicator of their own, in the order of this one.
  virtual std::unique_ptr<Communicator> split(int color) = 0;

  /// Ends the other ranks too; for an error after which they would wait forever.
  [[noreturn]] virtual void abort(int exit_status) = 0;

  /// The text of `root`, on every rank.
  std::string broadcast(const std::string& text, int root);
  /// True on all ranks when it is true on any.
  bool any(bool value);
};

/// One process alone; its place on the host is that of its `LocalJob`, if it is one. Throws `UsageError` as that does.
std::unique_ptr<Communicator> make_serial_communicator();

/// The ranks that `mpirun` (or `srun`) started together with this process; alone when it was started without.
/// Call once, early; MPI ends when the process does. Throws `Error`.
std::unique_ptr<Communicator> make_world_communicator();

/// After an error that only this rank may have seen: ends all ranks of the launch, if there are others; they would wait
/// forever. Otherwise returns.
void end_launch(int exit_status);

/// This process' rank as its launcher says, before MPI is started; 0 without a launcher. For messages that only one
/// rank should print.
int launched_rank();

}  // namespace atelier
