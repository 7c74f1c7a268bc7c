#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "framework/data/manifest.h"
#include "framework/data/shard.h"
#include "framework/images/image.h"

namespace atelier {

/// One split of a packed data set: its images in order, over all shards, mapped into memory. Safe for reading from any
/// number of threads.
///
///     const ImageSet photos = ImageSet::open("data/starter/photos", "train");
///     Image image;
///     photos.read(0, image);
class ImageSet {
 public:
  /// `split` is "train" or "val". Throws `UsageError` (one line) when the folder, the split or a shard is missing,
  /// damaged or not ours.
  static ImageSet open(const std::filesystem::path& folder, const std::string& split);
  /// A single shard file as a set.
  static ImageSet open_shard(const std::filesystem::path& file);

  std::int64_t size() const { return starts_.back(); }
  int height() const { return layout().height; }  ///< Of every image.
  int width() const { return layout().width; }
  Encoding encoding() const { return layout().encoding; }
  bool has(Picture picture) const { return layout().has(picture); }
  bool has_smoothed() const { return has(Picture::smoothed); }
  bool has_truth() const { return has(Picture::truth); }
  const std::string& split() const { return layout().split; }
  const std::vector<Shard>& shards() const { return shards_; }

  /// The pixels of image `i`, H x W x 3 RGB, where they lie in the mapped file. Only with encoding raw.
  std::span<const std::uint8_t> pixels(std::int64_t i, Picture picture = Picture::plain) const;
  /// The same image with its edges smoothed. Only with encoding raw and `has_smoothed`.
  std::span<const std::uint8_t> smoothed(std::int64_t i) const { return pixels(i, Picture::smoothed); }
  /// What it should become. Only with encoding raw and `has_truth`.
  std::span<const std::uint8_t> truth(std::int64_t i) const { return pixels(i, Picture::truth); }

  /// Any encoding: decodes, or copies, into the caller's image. Throws `Error` when the stored bytes are damaged.
  void read(std::int64_t i, Image& image, Picture picture = Picture::plain) const;
  void read_smoothed(std::int64_t i, Image& image) const { read(i, image, Picture::smoothed); }
  void read_truth(std::int64_t i, Image& image) const { read(i, image, Picture::truth); }

  /// The stored bytes, encoded as they are.
  std::span<const std::uint8_t> stored(std::int64_t i, Picture picture = Picture::plain) const;

  const std::string& source(std::int64_t i) const;  ///< FILE#t=SECONDS&xywh=LEFT,TOP,WIDTH,HEIGHT
  std::uint64_t stored_digest(std::int64_t i, Picture picture = Picture::plain) const;

  /// `set_digest` of what is stored; the same for the same images however they are sharded.
  std::uint64_t digest() const { return digest_; }

 private:
  struct Place {
    const Shard& shard;
    std::int64_t index;
  };
  explicit ImageSet(std::vector<Shard> shards);
  const ShardLayout& layout() const { return shards_.front().layout(); }
  Place place(std::int64_t i) const;

  std::vector<Shard> shards_;
  std::vector<std::int64_t> starts_{0};  ///< Where each shard begins, and the end.
  std::uint64_t digest_ = 0;
};

}  // namespace atelier
