#pragma once

#include <cstdint>
#include <span>

#include "framework/images/image.h"

namespace atelier {

/// How a camera was held, as EXIF counts it: 1 upright, 2 mirrored, 3 upside down, 4 mirrored upside down, 5 to 8 the
/// same lying on the side. Anything unreadable is 1: a picture is not refused for its notes.
///
/// Source: CIPA DC-008 (Exif 2.32), section 4.6.4, tag 0x0112.
int exif_orientation(std::span<const std::uint8_t> tiff);

/// The orientation that a JPEG file carries in its APP1 segment.
int jpeg_orientation(std::span<const std::uint8_t> jpeg);

/// The picture as it was seen.
Image upright(const Image& image, int orientation);

}  // namespace atelier
