#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "framework/images/image.h"

namespace atelier {

bool is_jpeg(std::span<const std::uint8_t> bytes);

/// Turned upright as its EXIF orientation says. `name` stands for the picture in messages. A truncated or damaged
/// stream is refused, not filled with gray. Throws `Error`.
Image decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& name);

/// `quality` from 1 to 100. Colour is kept at full resolution: drawings have sharp coloured edges.
std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality);

}  // namespace atelier
