#pragma once

#include "framework/images/image.h"

namespace atelier {

/// The picture with its edges blurred, so that a discriminator learns to miss clear edges: Canny(100, 200) on gray,
/// dilated by a 5x5 box; where that is set, each channel is its 5x5 Gaussian (1 4 6 4 1 over 16, both ways, border
/// reflect-101, rounded to nearest); elsewhere the picture is untouched.
///
/// Source: Chen et al., "CartoonGAN", CVPR 2018, section 3.2.1.
Image smooth_edges(const Image& image);

}  // namespace atelier
