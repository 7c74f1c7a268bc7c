#include "framework/images/orientation.h"

#include <cstring>
#include <string_view>

namespace atelier {
namespace {

constexpr int as_it_lies = 1;

/// Reads numbers of either byte order; beyond the end there are zeros.
struct TiffReader {
  std::span<const std::uint8_t> bytes;
  bool little;

  std::uint32_t number(std::size_t at, int size) const {
    std::uint32_t value = 0;
    for (int i = 0; i < size; ++i) {
      const std::size_t place = at + (little ? size - 1 - i : i);
      value = value << 8 | (place < bytes.size() ? bytes[place] : 0);
    }
    return value;
  }
};

}  // namespace

int exif_orientation(std::span<const std::uint8_t> tiff) {
  if (tiff.size() < 8) return as_it_lies;
  const TiffReader reader{tiff, tiff[0] == 'I'};
  const std::size_t table = reader.number(4, 4);
  const std::uint32_t entries = reader.number(table, 2);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = table + 2 + std::size_t(i) * 12;
    if (entry + 12 > tiff.size()) break;
    if (reader.number(entry, 2) != 0x0112) continue;
    const int orientation = static_cast<int>(reader.number(entry + 8, 2));
    return orientation >= 1 && orientation <= 8 ? orientation : as_it_lies;
  }
  return as_it_lies;
}

int jpeg_orientation(std::span<const std::uint8_t> jpeg) {
  constexpr std::string_view mark("Exif\0\0", 6);
  std::size_t at = 2;
  while (at + 4 <= jpeg.size() && jpeg[at] == 0xFF && jpeg[at + 1] != 0xDA) {
    const std::size_t length = std::size_t(jpeg[at + 2]) << 8 | jpeg[at + 3];
    if (length < 2 || at + 2 + length > jpeg.size()) break;
    const auto body = jpeg.subspan(at + 4, length - 2);
    const bool is_exif =
        jpeg[at + 1] == 0xE1 && body.size() > mark.size() && std::memcmp(body.data(), mark.data(), mark.size()) == 0;
    if (is_exif) return exif_orientation(body.subspan(mark.size()));
    at += 2 + length;
  }
  return as_it_lies;
}

Image upright(const Image& image, int orientation) {
  if (orientation == as_it_lies) return image;
  const bool on_side = orientation >= 5;
  const bool rows_backward = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool columns_backward = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  Image result(on_side ? image.width() : image.height(), on_side ? image.height() : image.width());
  for (int y = 0; y < result.height(); ++y) {
    for (int x = 0; x < result.width(); ++x) {
      const int row = on_side ? x : y, column = on_side ? y : x;
      const int from_row = rows_backward ? image.height() - 1 - row : row;
      const int from_column = columns_backward ? image.width() - 1 - column : column;
      std::memcpy(result.row(y) + std::size_t(x) * 3, image.row(from_row) + std::size_t(from_column) * 3, 3);
    }
  }
  return result;
}

}  // namespace atelier
