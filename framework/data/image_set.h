#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/data/manifest.h"
#include "framework/data/shard.h"
#include "framework/images/image.h"

namespace atelier {

class ImageSet;

/// One column of a set, looked up once and then read by the number of the item. Valid as long as the set stays where it
/// is. Safe for reading from any number of threads.
class ImageColumn {
 public:
  const ImageSet& set() const { return *set_; }
  std::int64_t size() const;  ///< Pictures, one an item of the set.
  const std::string& name() const { return layout().name; }
  int height() const { return layout().height; }  ///< Of every picture.
  int width() const { return layout().width; }
  const Column& layout() const;
  Encoding encoding() const;

  /// The pixels of picture `i`, H x W x 3 RGB, where they lie in the mapped file. Only with encoding raw.
  std::span<const std::uint8_t> pixels(std::int64_t i) const;

  /// Any encoding: decodes, or copies, into the caller's image. Throws `Error` when the stored bytes are damaged.
  void read(std::int64_t i, Image& image) const;

  /// The stored bytes, encoded as they are.
  std::span<const std::uint8_t> stored(std::int64_t i) const;
  std::uint64_t stored_digest(std::int64_t i) const;

 private:
  friend ImageSet;
  ImageColumn(const ImageSet& set, std::size_t index) : set_(&set), index_(index) {}

  const ImageSet* set_;
  std::size_t index_;  ///< In the set's layout.
};

/// One split of a packed data set: its items in order, over all shards, mapped into memory. Of each item there is a
/// picture in every column. Safe for reading from any number of threads.
///
///     const ImageSet photos = ImageSet::open("data/starter/photos", "train");
///     const ImageColumn images = photos.column();
///     Image image;
///     images.read(0, image);
class ImageSet {
 public:
  /// `split` is "train" or "val". Throws `UsageError` (one line) when the folder, the split or a shard is missing,
  /// damaged or not ours.
  static ImageSet open(const std::filesystem::path& folder, const std::string& split);
  /// A single shard file as a set.
  static ImageSet open_shard(const std::filesystem::path& file);

  std::int64_t size() const { return starts_.back(); }
  const SetLayout& layout() const { return shards_.front().layout().set; }
  int height() const { return layout().images().height; }  ///< Of every image.
  int width() const { return layout().images().width; }
  const std::string& split() const { return shards_.front().layout().split; }
  const std::vector<Shard>& shards() const { return shards_; }

  bool has(std::string_view column) const { return layout().find(column) < layout().columns.size(); }
  /// Throws `UsageError` that says how to pack it when there is no such column.
  ImageColumn column(std::string_view name = images_column) const;
  /// All, in the order of the layout.
  std::vector<ImageColumn> columns() const;

  const std::string& source(std::int64_t i) const;  ///< FILE#t=SECONDS&xywh=LEFT,TOP,WIDTH,HEIGHT

  /// `set_digest` of what is stored; the same for the same pictures however they are sharded.
  std::uint64_t digest() const { return digest_; }

 private:
  friend ImageColumn;
  struct Place {
    const Shard& shard;
    std::int64_t index;
  };
  explicit ImageSet(std::vector<Shard> shards);
  Place place(std::int64_t i) const;

  std::vector<Shard> shards_;
  std::vector<std::int64_t> starts_{0};  ///< Where each shard begins, and the end.
  std::uint64_t digest_ = 0;
};

inline std::int64_t ImageColumn::size() const { return set_->size(); }
inline const Column& ImageColumn::layout() const { return set_->layout().columns[index_]; }
inline Encoding ImageColumn::encoding() const { return set_->layout().encoding; }

}  // namespace atelier
