#pragma once

#include <cstdint>
#include <string>

#include "framework/data/set_layout.h"

namespace atelier {

/// What one shard of a packed data set holds. A shard is a plain HDF5 file:
///
///     /images    uint8 (N, H, W, 3), RGB, contiguous                  with encoding "raw"
///     /bytes     uint8, all encoded images one after the other        with encoding "jpeg" or "png"
///     /offsets   uint64 (N + 1), where each begins in /bytes
///     /shapes    int64 (N, 2), height and width of each
///     /digests   uint64 (N), XXH3 of each image's stored bytes
///     /sources   text (N), where each image comes from: FILE#t=SECONDS&xywh=LEFT,TOP,WIDTH,HEIGHT
///     /NAME      a group for each other column: the same again, without sources, in the column's own size
///
/// Attributes of the file: format = "atelier-images", version = 1, split, encoding, shard, shards.
struct ShardLayout {
  static constexpr const char* format_name = "atelier-images";
  static constexpr std::int64_t format_version = 1;

  SetLayout set;
  std::string split;       ///< "train" or "val".
  std::int64_t shard = 0;  ///< Which one of `shards`.
  std::int64_t shards = 1;
  std::int64_t count = 0;  ///< Items in this shard, at least 1.
};

/// "train-00000-of-00004.h5".
std::string shard_name(const std::string& split, std::int64_t shard, std::int64_t shards);

}  // namespace atelier
