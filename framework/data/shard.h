#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "framework/data/shard_layout.h"
#include "framework/storage/mapped_file.h"

namespace atelier {

/// One shard of a packed data set, mapped: HDF5 says once where the images lie in the file, and from then on they are
/// read out of the page cache, which all processes of a machine share.
class Shard {
 public:
  /// Throws `UsageError` (one line: the file, what is wrong) when it is missing, damaged, truncated or not ours.
  explicit Shard(const std::filesystem::path& file);

  const ShardLayout& layout() const { return layout_; }
  const std::filesystem::path& path() const { return path_; }

  /// The pictures of one column.
  struct Part {
    std::span<const std::uint8_t> bytes;  ///< All stored pictures, inside the mapped file.
    std::vector<std::uint64_t> offsets;   ///< N + 1 places in `bytes`.
    std::vector<std::uint64_t> digests;   ///< As stored.

    std::span<const std::uint8_t> stored(std::int64_t i) const {
      return bytes.subspan(offsets[i], offsets[i + 1] - offsets[i]);
    }
  };
  /// Of a column by its place in the layout.
  const Part& part(std::size_t column) const { return parts_[column]; }
  const std::vector<std::string>& sources() const { return sources_; }

 private:
  std::filesystem::path path_;
  MappedFile file_;
  ShardLayout layout_;
  std::vector<Part> parts_;  ///< One a column of the layout.
  std::vector<std::string> sources_;
};

}  // namespace atelier
