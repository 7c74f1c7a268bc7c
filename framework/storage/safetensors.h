#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "framework/storage/mapped_file.h"

namespace atelier {

/// One tensor of a safetensors file: raw little-endian numbers in row-major order.
struct StoredTensor {
  std::string dtype;  ///< "F64", "F32", "F16", "BF16", "I64", "U8", ...
  std::vector<std::int64_t> shape;
  std::span<const std::uint8_t> bytes;  ///< Points into the mapped file or the caller's memory.
};

/// A safetensors file, mapped. Nothing in it is ever executed; the header is checked against the file's size before
/// anything is used. Format: https://huggingface.co/docs/safetensors (an 8-byte length, a JSON header, the data).
class SafetensorsFile {
 public:
  /// Throws `Error` (the file, and what is wrong with it).
  explicit SafetensorsFile(const std::filesystem::path& file);

  const std::map<std::string, StoredTensor>& tensors() const { return tensors_; }
  const std::map<std::string, std::string>& metadata() const { return metadata_; }
  const std::filesystem::path& path() const { return path_; }

  /// Throws `Error` naming the tensors there are.
  const StoredTensor& at(const std::string& name) const;

 private:
  std::filesystem::path path_;
  MappedFile file_;
  std::map<std::string, StoredTensor> tensors_;
  std::map<std::string, std::string> metadata_;
};

/// Writes aside, flushes, renames. Throws `Error`.
void write_safetensors(const std::filesystem::path& file, const std::map<std::string, StoredTensor>& tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace atelier
