#pragma once

#include "framework/distributed/tensor_reduction.h"
#include "tests/mpi_world.h"

/// Sums over all ranks of the running test program.
inline atelier::TensorReduction& tensors_of_world() {
  static const auto reduction = atelier::make_tensor_reduction(world());
  return *reduction;
}
