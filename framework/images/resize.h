#pragma once

#include "framework/images/image.h"

namespace atelier {

/// The picture at another size: the mean over the covered area where it shrinks (OpenCV's INTER_AREA), bicubic where it
/// grows. Both sides at least 1.
Image resize(const Image& image, int height, int width);

}  // namespace atelier
