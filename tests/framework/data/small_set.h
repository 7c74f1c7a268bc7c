#pragma once

#include <algorithm>
#include <filesystem>
#include <string>

#include "framework/data/image_set.h"
#include "framework/data/shard_writer.h"
#include "framework/images/resize.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/digest.h"
#include "tests/test_picture.h"

namespace atelier {

/// The smoothed copy that `write_small_set` stores: told from its image at a glance.
inline Image other_picture(int side, int number) { return test_picture(side, side, number + 100); }
/// The true picture that it stores.
inline Image true_picture(int side, int number) { return test_picture(side, side, number + 200); }

/// The picture in the column "large": twice the size, each pixel of `test_picture` four times.
inline Image large_picture(int side, int number) {
  const Image image = test_picture(side, side, number);
  Image large(2 * side, 2 * side);
  for (int y = 0; y < 2 * side; ++y) {
    for (int x = 0; x < 2 * side; ++x) std::copy_n(image.row(y / 2) + x / 2 * 3, 3, large.row(y) + x * 3);
  }
  return large;
}

/// Writes a packed data set with one split, its shards and its dataset.toml, of `test_picture`s.
inline void write_small_set(const std::filesystem::path& folder, Encoding encoding, std::int64_t images, int side,
                            std::int64_t shards = 1, bool smoothed = false, bool truth = false, bool large = false) {
  make_folder(folder);
  Manifest manifest;
  manifest.name = "test/small";
  manifest.layout.encoding = encoding;
  manifest.layout.add({std::string(images_column), side, side});
  if (smoothed) manifest.layout.add({std::string(smoothed_column), side, side});
  if (truth) manifest.layout.add({std::string(truth_column), side, side});
  if (large) manifest.layout.add({"large", 2 * side, 2 * side});
  ColumnDigests all(manifest.layout.columns.size());
  for (std::int64_t shard = 0; shard < shards; ++shard) {
    const std::int64_t begin = shard * images / shards, end = (shard + 1) * images / shards;
    ShardWriter writer(folder / shard_name("train", shard, shards),
                       {manifest.layout, "train", shard, shards, end - begin});
    for (std::int64_t i = end - 1; i >= begin; --i) {  // Backward: the order of writing must not matter.
      const int number = static_cast<int>(i);
      ShardWriter::Entry entry{"picture-" + std::to_string(i), {}};
      for (const Column& column : manifest.layout.columns) {
        const Image picture = column.name == images_column     ? test_picture(side, side, number)
                              : column.name == smoothed_column ? other_picture(side, number)
                              : column.name == truth_column    ? true_picture(side, number)
                                                               : large_picture(side, number);
        entry.pictures.push_back(encode(picture, encoding, 95));
      }
      writer.put(i - begin, std::move(entry));
    }
    const auto digests = writer.commit();
    for (std::size_t i = 0; i < all.size(); ++i) all[i].insert(all[i].end(), digests[i].begin(), digests[i].end());
  }
  manifest.splits["train"] = {images, shards, hex(set_digest(all))};
  write_file(folder / Manifest::file_name, manifest.to_toml(""));
}

}  // namespace atelier
