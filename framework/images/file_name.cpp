#include "framework/images/file_name.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace atelier {

bool has_image_name(const std::filesystem::path& file) {
  static constexpr std::array<std::string_view, 10> known{".jpg", ".jpeg", ".png", ".webp", ".bmp",
                                                          ".tif", ".tiff", ".gif", ".avif", ".ppm"};
  return std::find(known.begin(), known.end(), lower_extension(file)) != known.end();
}

std::string lower_extension(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
  return extension;
}

}  // namespace atelier
