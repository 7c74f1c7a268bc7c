#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "framework/data/shard_layout.h"

namespace atelier {

/// Writes one shard. The file is made under another name and appears complete, with `commit`, or not at all.
///
/// The images may come in any order and from any thread: the same images give the same bytes. Raw images go to the file
/// at once; encoded ones are kept in memory until `commit`, since their places depend on those before them.
class ShardWriter {
 public:
  /// Throws `Error` when the file cannot be made.
  ShardWriter(const std::filesystem::path& file, const ShardLayout& layout);
  ~ShardWriter();
  ShardWriter(const ShardWriter&) = delete;
  ShardWriter& operator=(const ShardWriter&) = delete;

  struct Entry {
    std::string source;
    std::vector<std::vector<std::uint8_t>> pictures;  ///< One a column of the layout, as `encode` gave them.
  };
  /// Each `index` from 0 to count-1 once. Throws `Error`, for instance when the disk is full.
  void put(std::int64_t index, Entry entry);

  /// Writes what is left, flushes, renames; returns the digests of the stored pictures. Throws `Error`.
  ColumnDigests commit();

 private:
  struct Part;
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace atelier
