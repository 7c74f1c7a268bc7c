#include "framework/storage/safetensors.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

std::size_t item_size(const std::string& dtype) {
  if (dtype == "F64" || dtype == "I64" || dtype == "U64") return 8;
  if (dtype == "F32" || dtype == "I32" || dtype == "U32") return 4;
  if (dtype == "F16" || dtype == "BF16" || dtype == "I16" || dtype == "U16") return 2;
  if (dtype == "I8" || dtype == "U8" || dtype == "BOOL") return 1;
  return 0;
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& file) : path_(file), file_(file) {
  const auto refuse = [&](const std::string& why) {
    return Error(format("{}: not a safetensors file ({})", file.string(), why));
  };
  const std::span<const std::uint8_t> bytes = file_.bytes();
  if (bytes.size() < 8) throw refuse("shorter than 8 bytes");
  std::uint64_t header_size = 0;
  std::memcpy(&header_size, bytes.data(), 8);
  if (header_size > bytes.size() - 8) throw refuse("its header is longer than the file");
  const auto header = nlohmann::json::parse(
      bytes.begin() + 8, bytes.begin() + 8 + static_cast<std::ptrdiff_t>(header_size), nullptr, false);
  if (!header.is_object()) throw refuse("its header is not JSON");
  const std::span<const std::uint8_t> data = bytes.subspan(8 + header_size);
  try {
    for (const auto& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        for (const auto& [key, value] : entry.items()) metadata_[key] = value.get<std::string>();
        continue;
      }
      StoredTensor tensor{entry.at("dtype").get<std::string>(), entry.at("shape").get<std::vector<std::int64_t>>(), {}};
      const auto begin = entry.at("data_offsets").at(0).get<std::uint64_t>();
      const auto end = entry.at("data_offsets").at(1).get<std::uint64_t>();
      if (begin > end || end > data.size())
        throw refuse(format("tensor {} ends beyond the file: it was cut short", name));
      std::uint64_t size = item_size(tensor.dtype);
      if (size == 0) throw refuse(format("tensor {} has the unknown type {}", name, tensor.dtype));
      for (const std::int64_t extent : tensor.shape) {
        if (extent < 0 || (extent > 0 && size > data.size() / static_cast<std::uint64_t>(extent))) {
          throw refuse(format("tensor {} is larger than the file", name));
        }
        size *= static_cast<std::uint64_t>(extent);
      }
      if (end - begin != size) throw refuse(format("the size of tensor {} does not fit its shape", name));
      tensor.bytes = data.subspan(begin, size);
      tensors_.emplace(name, std::move(tensor));
    }
  } catch (const nlohmann::json::exception&) {
    throw refuse("its header has another form");
  }
}

const StoredTensor& SafetensorsFile::at(const std::string& name) const {
  const auto found = tensors_.find(name);
  if (found != tensors_.end()) return found->second;
  std::string names;
  for (const auto& [known, tensor] : tensors_) {
    if (names.size() > 400) {
      names += ", ...";
      break;
    }
    names += (names.empty() ? "" : ", ") + known;
  }
  throw Error(format("{} holds no tensor {}; it holds {}", path_.string(), name, names));
}

void write_safetensors(const std::filesystem::path& file, const std::map<std::string, StoredTensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  nlohmann::ordered_json header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::uint64_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    header[name] = {
        {"dtype", tensor.dtype}, {"shape", tensor.shape}, {"data_offsets", {offset, offset + tensor.bytes.size()}}};
    offset += tensor.bytes.size();
  }
  std::string head = header.dump();
  head.resize((head.size() + 7) / 8 * 8, ' ');  // The format asks for data aligned to 8 bytes.
  std::string bytes(8, '\0');
  const std::uint64_t head_size = head.size();
  std::memcpy(bytes.data(), &head_size, 8);
  bytes.reserve(8 + head.size() + offset);
  bytes += head;
  for (const auto& [name, tensor] : tensors) {
    bytes.append(reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size());
  }
  write_file(file, bytes);
}

}  // namespace atelier
