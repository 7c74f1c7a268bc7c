#pragma once

#include "experiments/layers/network_context.h"

namespace atelier {

/// What a network is made with in a test: a seed, one process.
class SerialNetwork {
 public:
  explicit SerialNetwork(std::uint64_t seed, Kernels kernels = {}) : initializer_(seed), kernels_(kernels) {}
  operator NetworkContext() { return {initializer_, *tensors_, kernels_}; }

 private:
  Initializer initializer_;
  std::unique_ptr<Communicator> alone_ = make_serial_communicator();
  std::unique_ptr<TensorReduction> tensors_ = make_tensor_reduction(*alone_);
  Kernels kernels_;
};

}  // namespace atelier
