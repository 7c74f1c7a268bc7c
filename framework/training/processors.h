#pragma once

#include "framework/distributed/communicator.h"

namespace atelier {

/// Makes this process compute with as many threads as it has cores (`HostPlace::cores`), unless OMP_NUM_THREADS says
/// otherwise.
void share_processors(const Communicator& ranks);

}  // namespace atelier
