#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "datasets/recipe.h"
#include "framework/images/image.h"

namespace atelier {

/// The squares that a set takes from one picture of this size, in the picture's own pixels; each is scaled to size x
/// size.
///
/// - "none": the picture, which must have that size.
/// - "center": the largest square in the middle.
/// - "random": `per_image` squares of size / scale pixels anywhere.
/// - "areas": the baseline's six squares of size / scale pixels, one in each of six areas: two in height, three in
/// width.
///   For 1920 x 1080 the top row lies in 150..284 or 540..674 and the left column in 0..384, 640..1024 or 1280..1664,
///   bounds included; for other frames at the same fractions, moved inside where the square would stick out.
///
/// Random places are a function of (seed, name of the picture, number of the square). Throws `Error` naming the picture
/// when it is too small.
std::vector<Box> cut_boxes(const SetRecipe& set, int height, int width, std::uint64_t seed, const std::string& name);

}  // namespace atelier
