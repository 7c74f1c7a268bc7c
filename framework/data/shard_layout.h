#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "framework/data/encoding.h"

namespace atelier {

/// What is stored of an image: itself, and the pictures that may lie beside it, cut from the same place.
enum class Picture {
  plain,
  smoothed,  ///< With smoothed edges.
  truth      ///< What a photograph should become, where that is known.
};
inline constexpr Picture all_pictures[] = {Picture::plain, Picture::smoothed, Picture::truth};

/// Of each kind of picture something.
template <typename T>
class PerPicture {
 public:
  T& operator[](Picture picture) { return values_[static_cast<std::size_t>(picture)]; }
  const T& operator[](Picture picture) const { return values_[static_cast<std::size_t>(picture)]; }

 private:
  std::array<T, std::size(all_pictures)> values_{};
};

/// The digests of the stored images in order; none of pictures that a set does not have.
using PictureDigests = PerPicture<std::vector<std::uint64_t>>;

/// What one shard of a packed data set holds. A shard is a plain HDF5 file:
///
///     /images    uint8 (N, H, W, 3), RGB, contiguous                  with encoding "raw"
///     /bytes     uint8, all encoded images one after the other        with encoding "jpeg" or "png"
///     /offsets   uint64 (N + 1), where each begins in /bytes
///     /shapes    int64 (N, 2), height and width of each
///     /digests   uint64 (N), XXH3 of each image's stored bytes
///     /sources   text (N), where each image comes from: FILE#t=SECONDS&xywh=LEFT,TOP,WIDTH,HEIGHT
///     /smoothed  the same again, without sources, for images with smoothed edges
///     /truth     the same again, without sources, for the true pictures
///
/// Attributes of the file: format = "atelier-images", version = 1, split, encoding, shard, shards.
struct ShardLayout {
  static constexpr const char* format_name = "atelier-images";
  static constexpr std::int64_t format_version = 1;

  std::string split;  ///< "train" or "val".
  Encoding encoding = Encoding::raw;
  std::int64_t shard = 0;  ///< Which one of `shards`.
  std::int64_t shards = 1;
  std::int64_t count = 0;     ///< Images in this shard, at least 1.
  int height = 0, width = 0;  ///< Of every image.
  bool smoothed = false;
  bool truth = false;

  bool has(Picture picture) const {
    return picture == Picture::plain || (picture == Picture::smoothed ? smoothed : truth);
  }

  std::size_t pixel_bytes() const { return std::size_t(height) * width * 3; }
};

/// The group of the file that holds them; "" for its root.
inline const char* group_of(Picture picture) {
  constexpr const char* names[] = {"", "smoothed", "truth"};
  return names[static_cast<std::size_t>(picture)];
}

/// "train-00000-of-00004.h5".
std::string shard_name(const std::string& split, std::int64_t shard, std::int64_t shards);

}  // namespace atelier
