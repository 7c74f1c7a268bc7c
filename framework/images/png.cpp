#include "framework/images/png.h"

#include <png.h>

#include <cstring>
#include <memory>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

/// libpng's state, freed on every path.
struct Codec {
  png_image state{};
  Codec() { state.version = PNG_IMAGE_VERSION; }
  ~Codec() { png_image_free(&state); }
  Codec(const Codec&) = delete;
  Codec& operator=(const Codec&) = delete;
};

}  // namespace

bool is_png(std::span<const std::uint8_t> bytes) { return bytes.size() >= 8 && png_sig_cmp(bytes.data(), 0, 8) == 0; }

Image decode_png(std::span<const std::uint8_t> bytes, const std::string& name) {
  Codec codec;
  const auto damaged = [&] { return Error(format("{}: damaged PNG ({})", name, codec.state.message)); };
  if (!png_image_begin_read_from_memory(&codec.state, bytes.data(), bytes.size())) throw damaged();
  if (std::int64_t{codec.state.width} * codec.state.height > largest_image) {
    throw Error(format("{}: {} x {} pixels are more than the 500 million allowed", name, codec.state.width,
                       codec.state.height));
  }
  codec.state.format = PNG_FORMAT_RGB;
  Image image(static_cast<int>(codec.state.height), static_cast<int>(codec.state.width));
  const png_color white{255, 255, 255};
  if (!png_image_finish_read(&codec.state, &white, image.pixels().data(), 0, nullptr)) throw damaged();
  return image;
}

std::vector<std::uint8_t> encode_png(const Image& image) {
  Codec codec;
  codec.state.width = static_cast<png_uint_32>(image.width());
  codec.state.height = static_cast<png_uint_32>(image.height());
  codec.state.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(codec.state);
  std::vector<std::uint8_t> bytes(size);
  if (!png_image_write_to_memory(&codec.state, bytes.data(), &size, 0, image.pixels().data(), 0, nullptr)) {
    throw Error(format("cannot encode a PNG: {}", codec.state.message));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace atelier
