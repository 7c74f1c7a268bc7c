#include "framework/kernels/parallel.h"

#include <omp.h>

namespace atelier::internal {

void run_parallel(std::int64_t first, std::int64_t last, std::int64_t grain,
                  void (*work)(void*, std::int64_t, std::int64_t), void* context) {
  const std::int64_t length = last - first;
  if (length <= 0) return;
  if (length <= grain || omp_get_max_threads() == 1 || omp_in_parallel()) {
    work(context, first, last);
    return;
  }
#pragma omp parallel
  {
    const std::int64_t most = grain > 0 ? (length + grain - 1) / grain : length, threads = omp_get_num_threads();
    const std::int64_t parts = threads < most ? threads : most, own = omp_get_thread_num();
    if (own < parts) {
      const std::int64_t begin = first + length * own / parts, end = first + length * (own + 1) / parts;
      if (begin < end) work(context, begin, end);
    }
  }
}

}  // namespace atelier::internal
