#include "framework/training/out_of_memory.h"

#include <c10/util/Exception.h>

#include <cstdlib>
#include <new>
#include <string_view>

namespace atelier {

std::optional<OutOfMemory> as_out_of_memory(const std::exception& problem) {
  if (const auto* known = dynamic_cast<const OutOfMemory*>(&problem)) return *known;
  if (dynamic_cast<const std::bad_alloc*>(&problem)) return OutOfMemory(0);
  // On the CPU it is a plain error of the allocator's, which another thread may have wrapped: its text is what is left.
  const std::string_view text = problem.what();
  constexpr std::string_view asked = "you tried to allocate ";
  if (text.find("DefaultCPUAllocator") != text.npos) {
    const std::size_t at = text.find(asked);
    return OutOfMemory(at == text.npos ? 0 : std::strtoull(text.data() + at + asked.size(), nullptr, 10));
  }
  if (dynamic_cast<const c10::OutOfMemoryError*>(&problem)) return OutOfMemory(0);
  return std::nullopt;
}

}  // namespace atelier
