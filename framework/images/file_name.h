#pragma once

#include <filesystem>
#include <string>

namespace atelier {

/// What a file's name promises; for choosing files in a folder, never for decoding.
bool has_image_name(const std::filesystem::path& file);

/// ".jpg" of "A.JPG".
std::string lower_extension(const std::filesystem::path& file);

}  // namespace atelier
