#include "framework/images/image.h"

#include <cassert>
#include <cstring>

namespace atelier {

Image::Image(int height, int width) : height_(height), width_(width), pixels_(std::size_t(height) * width * 3) {
  assert(height > 0 && width > 0);
}

Image Image::cut(const Box& box) const {
  assert(box.top >= 0 && box.left >= 0 && box.top + box.height <= height_ && box.left + box.width <= width_);
  Image result(box.height, box.width);
  for (int y = 0; y < box.height; ++y) {
    std::memcpy(result.row(y), row(box.top + y) + std::size_t(box.left) * 3, result.row_bytes());
  }
  return result;
}

void Image::paste(const Image& source, int top, int left) {
  assert(top >= 0 && left >= 0 && top + source.height_ <= height_ && left + source.width_ <= width_);
  for (int y = 0; y < source.height_; ++y) {
    std::memcpy(row(top + y) + std::size_t(left) * 3, source.row(y), source.row_bytes());
  }
}

}  // namespace atelier
