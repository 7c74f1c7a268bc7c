#pragma once

#include "experiments/layers/network_context.h"

namespace atelier {

/// What a network is made with in a test: a seed, one process.
class SerialNetwork {
 public:
  explicit SerialNetwork(std::uint64_t seed, Kernels kernels = {}) : initializer_(seed), kernels_(kernels) {}
  operator NetworkContext() { return {initializer_, *alone_, kernels_}; }

 private:
  Initializer initializer_;
  std::unique_ptr<Communicator> alone_ = make_serial_communicator();
  Kernels kernels_;
};

}  // namespace atelier
