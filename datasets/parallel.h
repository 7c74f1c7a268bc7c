#pragma once

#include <cstddef>
#include <functional>

namespace atelier {

/// Calls `work` for 0 .. count-1, each once, from several threads. After an exception no new item is begun; the one of
/// the lowest number is thrown when all threads have ended.
void for_each_in_parallel(std::size_t count, unsigned threads, const std::function<void(std::size_t)>& work);

}  // namespace atelier
