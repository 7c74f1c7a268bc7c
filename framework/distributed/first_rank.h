#pragma once

#include <functional>

#include "framework/distributed/communicator.h"

namespace atelier {

/// Runs `work` on this rank; when it failed on any, every rank throws the first one's error instead of waiting for
/// ever. `work` must not be collective itself. Collective.
void together(Communicator& ranks, const std::function<void()>& work);

/// Does something on rank 0 alone, for instance making a folder, while the others wait. When it throws, every rank
/// throws the same. Collective.
void on_first_rank(Communicator& ranks, const std::function<void()>& work);

}  // namespace atelier
