#include "analysis/image_store.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "framework/core/format.h"
#include "framework/images/jpeg.h"
#include "framework/images/png.h"
#include "framework/images/resize.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

constexpr int longest_side = 320;
constexpr int jpeg_quality = 90;

/// The picture as a smaller file. Throws `Error` for a damaged one.
std::string as_jpeg(const std::string& png) {
  Image image = decode_png({reinterpret_cast<const std::uint8_t*>(png.data()), png.size()}, "a sample");
  if (const int side = std::max(image.height(), image.width()); side > longest_side) {
    const auto scaled = [&](int length) { return std::max(1, length * longest_side / side); };
    image = resize(image, scaled(image.height()), scaled(image.width()));
  }
  const std::vector<std::uint8_t> bytes = encode_jpeg(image, jpeg_quality);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// A folder's name as part of an address.
std::string address_of(const std::string& name) {
  std::string address;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = std::isalnum(byte) || c == '-' || c == '_' || c == '.' || c == '~';
    address += plain ? std::string(1, c) : format("%{:02X}", byte);
  }
  return address;
}

bool is_our_name(const std::string& file) {
  return file.size() == 20 && file.ends_with(".png") && file.find_first_not_of("0123456789abcdef") == file.size() - 4;
}

}  // namespace

ImageStore::ImageStore(Options options) : options_(std::move(options)) {
  if (!options_.folder.empty()) make_folder(options_.folder);
}

std::optional<std::size_t> ImageStore::add(const std::filesystem::path& png) {
  std::string bytes;
  try {
    bytes = read_file(png);
  } catch (const std::exception&) {
    return std::nullopt;  // Removed since the folder was listed: a running sweep may do that.
  }
  if (!is_png({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()})) return std::nullopt;
  const std::uint64_t name = digest(bytes);
  if (const auto known = places_.find(name); known != places_.end()) return known->second;
  const std::optional<std::string> address =
      options_.folder.empty() ? embedded(bytes) : std::optional(copied(bytes, name));
  if (!address) return places_[name] = std::nullopt;
  pictures_.push_back(*address);
  return places_[name] = pictures_.size() - 1;
}

std::optional<std::string> ImageStore::embedded(const std::string& png) {
  if (full_ && options_.compact) {  // Encoding what has no place would take most of the time.
    ++left_out_;
    return std::nullopt;
  }
  std::string bytes;
  try {
    bytes = options_.compact ? as_jpeg(png) : png;
  } catch (const std::exception&) {
    return std::nullopt;  // Damaged: a picture that no browser shows either.
  }
  if (bytes.size() > options_.budget) {
    full_ = true;
    ++left_out_;
    return std::nullopt;
  }
  options_.budget -= bytes.size();
  return (options_.compact ? "data:image/jpeg;base64," : "data:image/png;base64,") + base64(bytes);
}

std::string ImageStore::copied(const std::string& png, std::uint64_t name) {
  const std::string file = format("{:016x}.png", name);
  files_.insert(file);
  std::error_code ignored;
  if (!std::filesystem::exists(options_.folder / file, ignored)) write_file(options_.folder / file, png);
  return address_of(options_.folder.filename().string()) + "/" + file;
}

void ImageStore::sweep_folder() const {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder, ignored)) {
    const std::string file = entry.path().filename().string();
    if (is_our_name(file) && !files_.contains(file)) std::filesystem::remove(entry.path(), ignored);
  }
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
