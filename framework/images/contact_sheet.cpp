#include "framework/images/contact_sheet.h"

#include <algorithm>
#include <cassert>

namespace atelier {

Image contact_sheet(std::span<const Image> images, int columns) {
  assert(!images.empty() && columns > 0);
  constexpr int gap = 2;
  const int count = static_cast<int>(images.size());
  columns = std::min(columns, count);
  const int rows = (count + columns - 1) / columns;
  int height = 0, width = 0;
  for (const Image& image : images) {
    height = std::max(height, image.height());
    width = std::max(width, image.width());
  }
  Image sheet(rows * (height + gap) - gap, columns * (width + gap) - gap);
  std::fill(sheet.pixels().begin(), sheet.pixels().end(), 255);
  for (int i = 0; i < count; ++i) sheet.paste(images[i], i / columns * (height + gap), i % columns * (width + gap));
  return sheet;
}

}  // namespace atelier
