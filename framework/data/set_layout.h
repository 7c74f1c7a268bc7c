#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "framework/data/encoding.h"

namespace atelier {

/// One column of a packed data set: one picture of every item, all of one size.
struct Column {
  std::string name;  ///< "images", or the group of the HDF5 file that holds the pictures.
  int height = 0, width = 0;
  int channels = 3;  ///< RGB, the only kind that is packed and read.

  std::size_t pixel_bytes() const { return std::size_t(height) * width * channels; }
  bool operator==(const Column&) const = default;
};

/// The column that every set has. It decides how many items there are and where they are cut.
inline constexpr std::string_view images_column = "images";
/// The columns that recipes make with a key of their own, `smooth` and `truth`. They have the size of the images.
inline constexpr std::string_view smoothed_column = "smoothed", truth_column = "truth";

/// What a packed data set holds of every item.
struct SetLayout {
  Encoding encoding = Encoding::raw;
  std::vector<Column> columns;  ///< "images" first, then the others by name.

  const Column& images() const { return columns.front(); }
  /// The place of a column in `columns`; their number where there is none of this name.
  std::size_t find(std::string_view name) const;
  /// Puts a column where its name belongs.
  void add(Column column);
  bool operator==(const SetLayout&) const = default;
};

/// Of each column, in the layout's order, the digests of the stored pictures in order.
using ColumnDigests = std::vector<std::vector<std::uint64_t>>;

/// One digest for many pictures: of their digests, column after column.
std::uint64_t set_digest(const ColumnDigests& digests);

}  // namespace atelier
