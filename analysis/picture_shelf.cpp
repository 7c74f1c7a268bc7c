#include "analysis/picture_shelf.h"

#include "framework/storage/atomic_file.h"
#include "framework/storage/digest.h"

namespace atelier {

std::optional<std::size_t> PictureShelf::add(const std::filesystem::path& png) {
  std::string bytes;
  try {
    bytes = read_file(png);
  } catch (const std::exception&) {
    return std::nullopt;  // Removed since the folder was listed: a running sweep may do that.
  }
  if (bytes.rfind("\x89PNG\r\n", 0) != 0) return std::nullopt;
  const std::uint64_t name = digest(bytes);
  if (const auto known = places_.find(name); known != places_.end()) return known->second;
  if (bytes.size() > budget_) {
    ++left_out_;
    return std::nullopt;
  }
  budget_ -= bytes.size();
  pictures_.push_back("data:image/png;base64," + base64(bytes));
  return places_[name] = pictures_.size() - 1;
}

std::string base64(std::string_view bytes) {
  constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const auto byte = [&](std::size_t k) {
      return i + k < bytes.size() ? static_cast<unsigned>(static_cast<unsigned char>(bytes[i + k])) : 0u;
    };
    const unsigned three = byte(0) << 16 | byte(1) << 8 | byte(2);
    text += digits[three >> 18];
    text += digits[three >> 12 & 63];
    text += i + 1 < bytes.size() ? digits[three >> 6 & 63] : '=';
    text += i + 2 < bytes.size() ? digits[three & 63] : '=';
  }
  return text;
}

}  // namespace atelier
