#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

namespace atelier {

/// A file's bytes in memory, read-only, shared with every process that maps the same file.
class MappedFile {
 public:
  /// Throws `Error` (the file, why).
  explicit MappedFile(const std::filesystem::path& file);
  ~MappedFile();
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;

  std::span<const std::uint8_t> bytes() const { return {data_, size_}; }

 private:
  const std::uint8_t* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace atelier
