#include "framework/storage/digest.h"

#include <xxhash.h>

#include "framework/core/format.h"

namespace atelier {

std::uint64_t digest(std::span<const std::uint8_t> bytes) { return XXH3_64bits(bytes.data(), bytes.size()); }

std::uint64_t digest(std::string_view text) { return XXH3_64bits(text.data(), text.size()); }

std::string hex(std::uint64_t value) { return format("{:016x}", value); }

}  // namespace atelier
