#include "framework/distributed/communicator.h"

#include <cstdlib>

#include "framework/distributed/local_job.h"
#include "framework/distributed/mpi_communicator.h"

namespace atelier {
namespace {

class DoneSum : public PendingSum {
 public:
  void wait() override {}
};

class SerialCommunicator : public Communicator {
 public:
  explicit SerialCommunicator(HostPlace place) : place_(place) {}
  int rank() const override { return 0; }
  int size() const override { return 1; }
  HostPlace host_place() const override { return place_; }
  void sum(std::span<float>) override {}
  void sum(std::span<double>) override {}
  std::unique_ptr<PendingSum> start_sum(std::span<float>) override { return std::make_unique<DoneSum>(); }
  std::unique_ptr<PendingSum> start_sum(std::span<double>) override { return std::make_unique<DoneSum>(); }
  void broadcast(std::span<std::byte>, int) override {}
  void barrier() override {}
  std::vector<std::string> gather(const std::string& text) override { return {text}; }
  std::unique_ptr<Communicator> split(int) override { return std::make_unique<SerialCommunicator>(place_); }
  void abort(int exit_status) override { std::_Exit(exit_status); }

 private:
  HostPlace place_;
};

/// What launchers leave in the environment, Open MPI, MPICH and Slurm in this order. The one question to a launcher: is
/// MPI to be started at all? A process alone that started it would get helpers that it does not need.
const char* launcher_rank() {
  for (const char* name : {"OMPI_COMM_WORLD_RANK", "PMIX_RANK", "PMI_RANK"}) {
    if (const char* value = std::getenv(name)) return value;
  }
  return nullptr;
}

}  // namespace

std::string Communicator::broadcast(const std::string& text, int root) {
  std::uint64_t length = text.size();
  broadcast(std::as_writable_bytes(std::span(&length, 1)), root);
  std::string result = text;
  result.resize(length);
  broadcast(std::as_writable_bytes(std::span(result)), root);
  return result;
}

bool Communicator::any(bool value) {
  double count = value ? 1 : 0;
  sum(std::span(&count, 1));
  return count > 0;
}

std::unique_ptr<Communicator> make_serial_communicator() {
  const LocalJob job = LocalJob::of_this_process().value_or(LocalJob());
  return std::make_unique<SerialCommunicator>(HostPlace{.rank = job.index, .size = job.count});
}

std::unique_ptr<Communicator> make_world_communicator() {
  return launcher_rank() ? make_mpi_world() : make_serial_communicator();
}

void end_launch(int exit_status) { end_mpi_launch(exit_status); }

int launched_rank() {
  const char* rank = launcher_rank();
  return rank ? std::atoi(rank) : 0;
}

}  // namespace atelier
