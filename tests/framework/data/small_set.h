#pragma once

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

/// Writes a packed data set with one split, its shards and its dataset.toml, of `test_picture`s.
inline void write_small_set(const std::filesystem::path& folder, Encoding encoding, std::int64_t images, int side,
                            std::int64_t shards = 1, bool smoothed = false, bool truth = false) {
  make_folder(folder);
  Manifest manifest;
  manifest.name = "test/small";
  manifest.height = manifest.width = side;
  manifest.encoding = name_of(encoding);
  manifest.smoothed = smoothed;
  manifest.truth = truth;
  PictureDigests all;
  for (std::int64_t shard = 0; shard < shards; ++shard) {
    const std::int64_t begin = shard * images / shards, end = (shard + 1) * images / shards;
    ShardWriter writer(folder / shard_name("train", shard, shards),
                       {"train", encoding, shard, shards, end - begin, side, side, smoothed, truth});
    for (std::int64_t i = end - 1; i >= begin; --i) {  // Backward: the order of writing must not matter.
      const int number = static_cast<int>(i);
      ShardWriter::Entry entry{
          encode(test_picture(side, side, number), encoding, 95), {}, "picture-" + std::to_string(i)};
      if (smoothed) entry.smoothed = encode(other_picture(side, number), encoding, 95);
      if (truth) entry.truth = encode(true_picture(side, number), encoding, 95);
      writer.put(i - begin, std::move(entry));
    }
    const auto digests = writer.commit();
    for (const Picture picture : all_pictures) {
      all[picture].insert(all[picture].end(), digests[picture].begin(), digests[picture].end());
    }
  }
  manifest.splits["train"] = {images, shards, hex(set_digest(all))};
  write_file(folder / Manifest::file_name, manifest.to_toml());
}

}  // namespace atelier
