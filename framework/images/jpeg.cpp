#include "framework/images/jpeg.h"

#include <turbojpeg.h>

#include <memory>
#include <string_view>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/images/orientation.h"

namespace atelier {
namespace {

struct CloseCodec {
  void operator()(void* codec) const { tjDestroy(codec); }
};
using Codec = std::unique_ptr<void, CloseCodec>;

Error damaged(const std::string& name, const std::string& why) {
  return Error(format("{}: damaged JPEG ({})", name, why));
}

/// Cameras leave stray bytes between segments, which harms nothing; every other warning means missing or wrong pixels.
bool is_harmless(void* codec) {
  return tjGetErrorCode(codec) == TJERR_WARNING &&
         std::string_view(tjGetErrorStr2(codec)).find("extraneous bytes") != std::string_view::npos;
}

}  // namespace

bool is_jpeg(std::span<const std::uint8_t> bytes) {
  return bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF;
}

Image decode_jpeg(std::span<const std::uint8_t> bytes, const std::string& name) {
  const Codec codec(tjInitDecompress());
  int width = 0, height = 0, subsampling = 0, colours = 0;
  if (tjDecompressHeader3(codec.get(), bytes.data(), bytes.size(), &width, &height, &subsampling, &colours) != 0) {
    throw damaged(name, tjGetErrorStr2(codec.get()));
  }
  if (width < 1 || height < 1) throw damaged(name, "it has no picture");
  if (std::int64_t{width} * height > largest_image) {
    throw Error(format("{}: {} x {} pixels are more than the 500 million allowed", name, width, height));
  }
  if (colours == TJCS_CMYK || colours == TJCS_YCCK) {
    throw Error(format("{}: its colours are CMYK, for printing; convert it to RGB", name));
  }
  Image image(height, width);
  // TJFLAG_LIMITSCANS: a small progressive file with thousands of scans would keep the decoder busy for minutes.
  if (tjDecompress2(codec.get(), bytes.data(), bytes.size(), image.pixels().data(), width, 0, height, TJPF_RGB,
                    TJFLAG_LIMITSCANS) != 0 &&
      !is_harmless(codec.get())) {
    throw damaged(name, tjGetErrorStr2(codec.get()));
  }
  const int orientation = jpeg_orientation(bytes);
  return orientation == 1 ? image : upright(image, orientation);
}

std::vector<std::uint8_t> encode_jpeg(const Image& image, int quality) {
  const Codec codec(tjInitCompress());
  std::vector<std::uint8_t> bytes(tjBufSize(image.width(), image.height(), TJSAMP_444));
  unsigned char* place = bytes.data();
  unsigned long size = bytes.size();
  if (tjCompress2(codec.get(), image.pixels().data(), image.width(), 0, image.height(), TJPF_RGB, &place, &size,
                  TJSAMP_444, quality, TJFLAG_NOREALLOC) != 0) {
    throw Error(format("cannot encode a JPEG: {}", tjGetErrorStr2(codec.get())));
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace atelier
