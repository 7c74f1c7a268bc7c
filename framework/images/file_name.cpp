#include "framework/images/file_name.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

namespace atelier {
namespace {

bool ends_as(const std::filesystem::path& file, std::span<const std::string_view> extensions) {
  return std::find(extensions.begin(), extensions.end(), lower_extension(file)) != extensions.end();
}

}  // namespace

bool has_image_name(const std::filesystem::path& file) {
  static constexpr std::array<std::string_view, 10> known{".jpg", ".jpeg", ".png", ".webp", ".bmp",
                                                          ".tif", ".tiff", ".gif", ".avif", ".ppm"};
  return ends_as(file, known);
}

bool has_film_name(const std::filesystem::path& file) {
  static constexpr std::array<std::string_view, 12> known{".mp4", ".mkv", ".webm", ".avi", ".mov", ".m4v",
                                                          ".mpg", ".ts",  ".flv",  ".ogv", ".wmv", ".mpeg"};
  return ends_as(file, known);
}

std::string lower_extension(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return extension;
}

}  // namespace atelier
