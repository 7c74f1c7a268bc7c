#pragma once

#include <ATen/ATen.h>

#include <map>
#include <string>

#include "framework/distributed/communicator.h"

namespace atelier {

/// Compares tensors (by name) over all ranks, bit by bit through a digest. Throws `Error` on every rank when they are
/// not the same, naming the rank that differs from most others and the first tensor in which it does. Collective.
void check_same_on_all_ranks(const std::map<std::string, at::Tensor>& tensors, Communicator& ranks);

}  // namespace atelier
