#pragma once

#include <c10/core/Device.h>

#include <string>

#include "framework/distributed/communicator.h"

namespace atelier {

/// Where this rank computes: `name` is "cpu" or "cuda". The GPU is that of the rank's place on its host, counted round
/// where there are fewer GPUs than processes. The first call for "cuda" loads libtorch's GPU part; it must come before
/// the first tensor operation of the process. Throws `UsageError` that says what is missing.
c10::Device open_device(const std::string& name, const Communicator& ranks);

/// Products of single precision numbers on a GPU in 19 bits (tf32), which is several times as fast.
void allow_tf32(bool allow);

}  // namespace atelier
