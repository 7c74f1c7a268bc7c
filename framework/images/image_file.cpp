#include "framework/images/image_file.h"

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/images/file_name.h"
#include "framework/images/film.h"
#include "framework/images/jpeg.h"
#include "framework/images/png.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/mapped_file.h"

namespace atelier {

Image decode_image(std::span<const std::uint8_t> bytes, const std::string& name) {
  if (is_jpeg(bytes)) return decode_jpeg(bytes, name);
  if (is_png(bytes)) return decode_png(bytes, name);
  throw Error(format("{}: neither JPEG nor PNG", name));
}

Image read_image(const std::filesystem::path& file) {
  const MappedFile mapped(file);
  const auto bytes = mapped.bytes();
  if (bytes.empty()) throw Error(format("{}: the file is empty", file.string()));
  return is_jpeg(bytes) || is_png(bytes) ? decode_image(bytes, file.string()) : read_rare_image(file);
}

void write_image(const std::filesystem::path& file, const Image& image) {
  const std::string extension = lower_extension(file);
  const auto bytes = extension == ".jpg" || extension == ".jpeg" ? encode_jpeg(image, 92) : encode_png(image);
  write_file(file, {reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

}  // namespace atelier
