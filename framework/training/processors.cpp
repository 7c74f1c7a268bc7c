#include "framework/training/processors.h"

#include <ATen/Parallel.h>

#include <cstdlib>

namespace atelier {

void share_processors(const Communicator& ranks) {
  if (!std::getenv("OMP_NUM_THREADS")) at::set_num_threads(ranks.host_place().cores());
}

}  // namespace atelier
