#include "framework/distributed/mpi_communicator.h"

#define OMPI_SKIP_MPICXX 1  // Open MPI's old C++ classes need a library of their own, which we do not link.
#include <mpi.h>

#include <cstdlib>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

void check(int result, const char* what) {
  if (result == MPI_SUCCESS) return;
  char text[MPI_MAX_ERROR_STRING] = "";
  int length = 0;
  MPI_Error_string(result, text, &length);
  throw Error(format("MPI: {} failed: {}", what, text));
}

class MpiSum : public PendingSum {
 public:
  void wait() override { check(MPI_Wait(&request, MPI_STATUS_IGNORE), "waiting for a sum"); }
  MPI_Request request = MPI_REQUEST_NULL;
};

class MpiCommunicator : public Communicator {
 public:
  MpiCommunicator(MPI_Comm handle, bool owned, HostPlace place) : handle_(handle), owned_(owned), place_(place) {
    MPI_Comm_set_errhandler(handle_, MPI_ERRORS_RETURN);
    MPI_Comm_rank(handle_, &rank_);
    MPI_Comm_size(handle_, &size_);
  }
  ~MpiCommunicator() override {
    int finalized = 0;
    MPI_Finalized(&finalized);
    if (owned_ && !finalized) MPI_Comm_free(&handle_);
  }

  int rank() const override { return rank_; }
  int size() const override { return size_; }
  HostPlace host_place() const override { return place_; }
  void sum(std::span<float> values) override { sum(values.data(), values.size(), MPI_FLOAT); }
  void sum(std::span<double> values) override { sum(values.data(), values.size(), MPI_DOUBLE); }
  std::unique_ptr<PendingSum> start_sum(std::span<float> values) override {
    return start_sum(values.data(), values.size(), MPI_FLOAT);
  }
  std::unique_ptr<PendingSum> start_sum(std::span<double> values) override {
    return start_sum(values.data(), values.size(), MPI_DOUBLE);
  }

  void broadcast(std::span<std::byte> bytes, int root) override {
    // MPI counts in int.
    constexpr std::size_t chunk = std::size_t{1} << 30;
    for (std::size_t start = 0; start < bytes.size(); start += chunk) {
      const std::size_t count = std::min(chunk, bytes.size() - start);
      check(MPI_Bcast(bytes.data() + start, static_cast<int>(count), MPI_BYTE, root, handle_), "a broadcast");
    }
  }
  void barrier() override { check(MPI_Barrier(handle_), "a barrier"); }

  std::vector<std::string> gather(const std::string& text) override {
    std::vector<std::string> texts;
    for (int root = 0; root < size_; ++root) texts.push_back(Communicator::broadcast(text, root));
    return texts;
  }

  std::unique_ptr<Communicator> split(int color) override {
    MPI_Comm part = MPI_COMM_NULL;
    check(MPI_Comm_split(handle_, color, rank_, &part), "splitting the ranks");
    return std::make_unique<MpiCommunicator>(part, true, place_);
  }

  void abort(int exit_status) override {
    MPI_Abort(handle_, exit_status);
    std::_Exit(exit_status);
  }

 private:
  void sum(void* data, std::size_t count, MPI_Datatype type) {
    check(MPI_Allreduce(MPI_IN_PLACE, data, static_cast<int>(count), type, MPI_SUM, handle_), "a sum");
  }
  std::unique_ptr<PendingSum> start_sum(void* data, std::size_t count, MPI_Datatype type) {
    auto pending = std::make_unique<MpiSum>();
    check(MPI_Iallreduce(MPI_IN_PLACE, data, static_cast<int>(count), type, MPI_SUM, handle_, &pending->request),
          "starting a sum");
    return pending;
  }

  MPI_Comm handle_;
  bool owned_;
  HostPlace place_;
  int rank_ = 0, size_ = 1;
};

/// Collective over all processes of the launch.
HostPlace place_in_world() {
  MPI_Comm host = MPI_COMM_NULL;
  check(MPI_Comm_split_type(MPI_COMM_WORLD, MPI_COMM_TYPE_SHARED, 0, MPI_INFO_NULL, &host), "finding the host's ranks");
  HostPlace place;
  MPI_Comm_rank(host, &place.rank);
  MPI_Comm_size(host, &place.size);
  MPI_Comm_free(&host);
  return place;
}

void end_mpi() {
  int finalized = 0;
  MPI_Finalized(&finalized);
  if (!finalized) MPI_Finalize();
}

}  // namespace

void end_mpi_launch(int exit_status) {
  int initialized = 0, finalized = 0, size = 1;
  MPI_Initialized(&initialized);
  MPI_Finalized(&finalized);
  if (!initialized || finalized) return;
  MPI_Comm_size(MPI_COMM_WORLD, &size);
  if (size > 1) MPI_Abort(MPI_COMM_WORLD, exit_status);
}

std::unique_ptr<Communicator> make_mpi_world() {
  int initialized = 0;
  MPI_Initialized(&initialized);
  if (!initialized) {
    int provided = 0;
    // Gradients of a GPU come from a thread of libtorch's, while this one waits for them.
    check(MPI_Init_thread(nullptr, nullptr, MPI_THREAD_SERIALIZED, &provided), "starting");
    std::atexit(end_mpi);
  }
  return std::make_unique<MpiCommunicator>(MPI_COMM_WORLD, false, place_in_world());
}

}  // namespace atelier
