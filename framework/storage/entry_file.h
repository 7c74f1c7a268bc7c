#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

namespace atelier {

/// Numbered entries of one size in a file that any number of processes fill and read together: what is costly to
/// compute and never changes. An entry is absent or whole: its digest is written after it and compared when it is read,
/// so a process that dies, a full disk or damage cost no more than computing it again. The file is sparse: absent
/// entries take no room.
class EntryFile {
 public:
  /// Opens or makes the file. `key` says what the entries are; a file with another key, shape or version is replaced.
  /// One that may only be read, of a colleague or on a disk without writing, gives the entries it has. Throws `Error`
  /// (the file, why).
  EntryFile(const std::filesystem::path& file, const std::string& key, std::int64_t entries, std::int64_t entry_bytes);
  ~EntryFile();
  EntryFile(const EntryFile&) = delete;
  EntryFile& operator=(const EntryFile&) = delete;

  /// Fills `bytes` with an entry, of `entry_bytes`. False when it is absent or damaged.
  bool read(std::int64_t entry, std::span<std::uint8_t> bytes) const;

  /// Whether entries can be stored.
  bool writable() const { return writable_; }
  /// Stores an entry. False when the disk is full: the entry stays absent. Throws `Error` for other failures.
  bool write(std::int64_t entry, std::span<const std::uint8_t> bytes);

 private:
  std::int64_t data_place(std::int64_t entry) const;

  std::filesystem::path file_;
  std::int64_t entries_, entry_bytes_;
  int handle_ = -1;
  bool writable_ = true;
};

}  // namespace atelier
