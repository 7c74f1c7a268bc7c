#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/images/image.h"

namespace atelier {

/// How the images of a data set are stored: raw pixels are the fastest to read, JPEG the smallest, PNG small and exact.
enum class Encoding { raw, jpeg, png };

inline constexpr std::string_view encoding_names[] = {"raw", "jpeg", "png"};

std::string_view name_of(Encoding encoding);
/// Throws `Error` for a name that is none.
Encoding encoding_named(std::string_view name);

/// The bytes that are stored. `quality`, 1 to 100, matters for JPEG alone.
std::vector<std::uint8_t> encode(const Image& image, Encoding encoding, int quality);

}  // namespace atelier
