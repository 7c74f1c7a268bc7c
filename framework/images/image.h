#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace atelier {

/// A rectangle of pixels: its first row and column, and its size.
struct Box {
  int top = 0, left = 0, height = 0, width = 0;
  bool operator==(const Box&) const = default;
};

/// A picture: H x W x 3, RGB, 8 bits a channel, rows without gaps. A value: copying copies the pixels.
class Image {
 public:
  Image() = default;
  /// Black. Both sides at least 1.
  Image(int height, int width);

  int height() const { return height_; }
  int width() const { return width_; }
  bool empty() const { return pixels_.empty(); }

  std::span<const std::uint8_t> pixels() const { return pixels_; }
  std::span<std::uint8_t> pixels() { return pixels_; }
  const std::uint8_t* row(int y) const { return pixels_.data() + std::size_t(y) * row_bytes(); }
  std::uint8_t* row(int y) { return pixels_.data() + std::size_t(y) * row_bytes(); }
  std::size_t row_bytes() const { return std::size_t(width_) * 3; }

  /// A copy of the pixels inside the box, which must lie inside the image.
  Image cut(const Box& box) const;

  /// Copies `source` to where its top left corner is at (top, left); it must fit.
  void paste(const Image& source, int top, int left);

  bool operator==(const Image&) const = default;

 private:
  int height_ = 0, width_ = 0;
  std::vector<std::uint8_t> pixels_;
};

/// Larger pictures than this are refused before their memory is asked for: 500 million pixels (1.5 GB).
inline constexpr std::int64_t largest_image = 500'000'000;

}  // namespace atelier
