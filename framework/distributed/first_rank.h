#pragma once

#include <functional>

#include "framework/distributed/communicator.h"

namespace atelier {

/// Does something on rank 0 alone, for instance making a folder, while the others wait. When it throws, every rank throws
/// the same message, as `UsageError` or `Error`. Collective.
void on_first_rank(Communicator& ranks, const std::function<void()>& work);

}  // namespace atelier
