#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "framework/images/image.h"

namespace atelier {

/// A JPEG or PNG, told by its content. `name` stands for it in messages. Throws `Error` (one line: the name, the
/// reason).
Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name);

/// A picture file of any name, told by its content: JPEG and PNG here, other formats (WebP, TIFF, BMP, GIF, AVIF) by
/// the `ffmpeg` program. Throws `Error` (one line: the file, the reason).
Image read_image(const std::filesystem::path& file);

/// Writes aside and renames; JPEG (quality 92) for names that end in .jpg or .jpeg, PNG for all others. Throws `Error`.
void write_image(const std::filesystem::path& file, const Image& image);

}  // namespace atelier
