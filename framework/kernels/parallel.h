#pragma once

#include <cstdint>
#include <type_traits>

namespace atelier {

namespace internal {
void run_parallel(std::int64_t first, std::int64_t last, std::int64_t grain,
                  void (*work)(void*, std::int64_t, std::int64_t), void* context);
}

/// Calls `work(begin, end)` for parts of [first, last) on the threads that libtorch uses too (as many as
/// `at::set_num_threads` says), each part about `grain` long at least. Inside another parallel loop it runs on its own
/// thread. `work` must not throw. libtorch's own `at::parallel_for` is a template that stays on one thread wherever it
/// is compiled without OpenMP, and its precompiled header is.
template <class Work>
void parallel_for(std::int64_t first, std::int64_t last, std::int64_t grain, const Work& work) {
  internal::run_parallel(
      first, last, grain,
      [](void* context, std::int64_t begin, std::int64_t end) { (*static_cast<const Work*>(context))(begin, end); },
      const_cast<std::remove_const_t<Work>*>(&work));
}

}  // namespace atelier
