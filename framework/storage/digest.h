#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace atelier {

/// XXH3, 64 bits, of the bytes. Finds damage and tells contents apart; it is no protection against forgery.
std::uint64_t digest(std::span<const std::uint8_t> bytes);
std::uint64_t digest(std::string_view text);

/// Sixteen lower-case hexadecimal digits.
std::string hex(std::uint64_t value);

}  // namespace atelier
