#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "framework/images/image.h"

namespace atelier {

bool is_png(std::span<const std::uint8_t> bytes);

/// Any kind of PNG as 8-bit RGB; what is transparent lies on white. `name` stands for the picture in messages.
/// Throws `Error` for a damaged or truncated one.
Image decode_png(std::span<const std::uint8_t> bytes, const std::string& name);

std::vector<std::uint8_t> encode_png(const Image& image);

}  // namespace atelier
