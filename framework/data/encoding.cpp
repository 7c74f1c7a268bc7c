#include "framework/data/encoding.h"

#include <algorithm>
#include <iterator>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"
#include "framework/images/jpeg.h"
#include "framework/images/png.h"

namespace atelier {

std::string_view name_of(Encoding encoding) { return encoding_names[static_cast<int>(encoding)]; }

Encoding encoding_named(std::string_view name) {
  const auto found = std::find(std::begin(encoding_names), std::end(encoding_names), name);
  if (found == std::end(encoding_names)) {
    throw Error(format("unknown encoding \"{}\"; expected {}", name, quoted_list(encoding_names)));
  }
  return static_cast<Encoding>(found - std::begin(encoding_names));
}

std::vector<std::uint8_t> encode(const Image& image, Encoding encoding, int quality) {
  switch (encoding) {
    case Encoding::jpeg:
      return encode_jpeg(image, quality);
    case Encoding::png:
      return encode_png(image);
    case Encoding::raw:
      break;
  }
  return {image.pixels().begin(), image.pixels().end()};
}

}  // namespace atelier
