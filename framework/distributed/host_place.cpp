#include "framework/distributed/host_place.h"

#include <sched.h>

#include <algorithm>
#include <thread>

namespace atelier {

int HostPlace::cores() const {
  const int all = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  cpu_set_t bound;
  CPU_ZERO(&bound);
  if (sched_getaffinity(0, sizeof bound, &bound) == 0 && CPU_COUNT(&bound) < all) return std::max(1, CPU_COUNT(&bound));
  return std::max(1, all / size);
}

}  // namespace atelier
