#include "framework/data/image_set.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"
#include "framework/images/image_file.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

void check_against(const Manifest& manifest, const Shard& shard, const std::string& split, std::int64_t number,
                   const Manifest::Split& record) {
  const ShardLayout& layout = shard.layout();
  const bool agrees = layout.split == split && layout.shard == number && layout.shards == record.shards &&
                      layout.set == manifest.layout;
  if (!agrees) {
    throw UsageError(format("{}: belongs to another data set than the {} beside it; pack the data set again",
                            shard.path().string(), Manifest::file_name));
  }
}

}  // namespace

ImageSet ImageSet::open(const fs::path& folder, const std::string& split) {
  const Manifest manifest = Manifest::read(folder);
  const auto found = manifest.splits.find(split);
  if (found == manifest.splits.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, record] : manifest.splits) names.push_back(name);
    throw UsageError(
        format("{} has no split \"{}\"; there is {}{}", folder.string(), split, quoted_list(names),
               split == "val" ? ". Training measures on held-out pictures: pack it with val above 0" : ""));
  }
  const Manifest::Split& record = found->second;
  std::vector<Shard> shards;
  for (std::int64_t i = 0; i < record.shards; ++i) {
    shards.emplace_back(folder / shard_name(split, i, record.shards));
    check_against(manifest, shards.back(), split, i, record);
  }
  ImageSet set(std::move(shards));
  if (set.size() != record.images) {
    throw UsageError(format("{}: its shards hold {} {} images, its {} says {}; pack the data set again",
                            folder.string(), set.size(), split, Manifest::file_name, record.images));
  }
  return set;
}

ImageSet ImageSet::open_shard(const fs::path& file) {
  std::vector<Shard> shards;
  shards.emplace_back(file);
  return ImageSet(std::move(shards));
}

ImageSet::ImageSet(std::vector<Shard> shards) : shards_(std::move(shards)) {
  ColumnDigests digests(layout().columns.size());
  for (const Shard& shard : shards_) {
    starts_.push_back(starts_.back() + shard.layout().count);
    for (std::size_t column = 0; column < digests.size(); ++column) {
      const std::vector<std::uint64_t>& own = shard.part(column).digests;
      digests[column].insert(digests[column].end(), own.begin(), own.end());
    }
  }
  digest_ = set_digest(digests);
}

ImageColumn ImageSet::column(std::string_view name) const {
  const std::size_t index = layout().find(name);
  if (index < layout().columns.size()) return {*this, index};
  const std::string folder = shards_.front().path().parent_path().string();
  if (name == smoothed_column)
    throw UsageError(format("{}: has no smoothed images; pack it with smooth = true", folder));
  if (name == truth_column) {
    throw UsageError(format("{}: has no true pictures; pack it with truth = \"FOLDER\"", folder));
  }
  std::vector<std::string_view> names;
  for (const Column& column : layout().columns) names.push_back(column.name);
  throw UsageError(format(
      "{0}: has no column \"{1}\": choose {2}, or pack it with column.{1} = {{ folder = \"FOLDER\", size = PIXELS }}",
      folder, name, quoted_list(names)));
}

std::vector<ImageColumn> ImageSet::columns() const {
  std::vector<ImageColumn> all;
  for (std::size_t i = 0; i < layout().columns.size(); ++i) all.push_back({*this, i});
  return all;
}

ImageSet::Place ImageSet::place(std::int64_t i) const {
  assert(i >= 0 && i < size());
  const auto after = std::upper_bound(starts_.begin(), starts_.end(), i);
  const std::size_t shard = static_cast<std::size_t>(after - starts_.begin()) - 1;
  return {shards_[shard], i - starts_[shard]};
}

const std::string& ImageSet::source(std::int64_t i) const {
  const auto [shard, index] = place(i);
  return shard.sources()[index];
}

std::span<const std::uint8_t> ImageColumn::pixels(std::int64_t i) const {
  assert(encoding() == Encoding::raw);
  return stored(i);
}

std::span<const std::uint8_t> ImageColumn::stored(std::int64_t i) const {
  const auto [shard, index] = set_->place(i);
  return shard.part(index_).stored(index);
}

std::uint64_t ImageColumn::stored_digest(std::int64_t i) const {
  const auto [shard, index] = set_->place(i);
  return shard.part(index_).digests[index];
}

void ImageColumn::read(std::int64_t i, Image& image) const {
  const std::span<const std::uint8_t> bytes = stored(i);
  if (encoding() == Encoding::raw) {
    if (image.height() != height() || image.width() != width()) image = Image(height(), width());
    std::memcpy(image.pixels().data(), bytes.data(), bytes.size());
    return;
  }
  const auto [shard, index] = set_->place(i);
  const std::string name = format("{}: image {}", shard.path().string(), index);
  image = decode_image(bytes, name);
  if (image.height() != height() || image.width() != width()) throw Error(name + ": damaged (its size is wrong)");
}

}  // namespace atelier
