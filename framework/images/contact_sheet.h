#pragma once

#include <span>

#include "framework/images/image.h"

namespace atelier {

/// The images as one, row by row, with a thin white gap between them. Cells are as large as the largest image; smaller
/// ones lie in the top left corner of theirs. At least one image and one column.
Image contact_sheet(std::span<const Image> images, int columns);

}  // namespace atelier
