#include "framework/data/batch_loader.h"

#include <algorithm>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/random.h"

namespace atelier {
namespace {

/// Tells the numbers for crops and flips from those for the order.
constexpr std::uint64_t cut_stream = std::uint64_t{1} << 63;

// The compiler knows the wide shuffles of AVX2 for every third byte; which of the two runs is chosen when the program
// starts.
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#define ATELIER_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define ATELIER_WIDE
#endif

/// One row: `width` RGB pixels to three rows of floats in [0, 1].
ATELIER_WIDE void split_row(const std::uint8_t* pixels, std::int64_t width, float* red, float* green, float* blue) {
  for (std::int64_t x = 0; x < width; ++x) {
    red[x] = static_cast<float>(pixels[3 * x]) / 255.f;
    green[x] = static_cast<float>(pixels[3 * x + 1]) / 255.f;
    blue[x] = static_cast<float>(pixels[3 * x + 2]) / 255.f;
  }
}

/// One row as it lies, to floats in [0, 1]; mirrored or not.
ATELIER_WIDE void copy_row(const std::uint8_t* pixels, std::int64_t width, bool flipped, float* out) {
  if (!flipped) {
    for (std::int64_t i = 0; i < 3 * width; ++i) out[i] = static_cast<float>(pixels[i]) / 255.f;
    return;
  }
  for (std::int64_t x = 0; x < width; ++x) {
    for (std::int64_t c = 0; c < 3; ++c) out[3 * x + c] = static_cast<float>(pixels[3 * (width - 1 - x) + c]) / 255.f;
  }
}

}  // namespace

BatchLoader::BatchLoader(const ImageColumn& column, const Options& options)
    : column_(column), options_(options), order_(column.size(), options.seed, options.stream) {
  const ImageSet& set = column.set();
  if (options.crop < 1 || options.crop > std::min(set.height(), set.width())) {
    throw UsageError(
        format("a crop of {0} x {0} does not fit the {1} images of {2} x {3} pixels: data.crop is {4} at most",
               options.crop, set.split(), set.width(), set.height(), std::min(set.height(), set.width())));
  }
  const bool whole = options.crop == set.height() && options.crop == set.width();
  const bool same_shape = std::int64_t{column.height()} * set.width() == std::int64_t{column.width()} * set.height();
  if (!same_shape || !(whole || column.height() % set.height() == 0)) {
    throw UsageError(format(
        "a crop of {} of {} images does not show the same part of \"{}\": {} x {} pixels are not a whole number of "
        "times {} x {}",
        options.crop, set.split(), column.name(), column.width(), column.height(), set.width(), set.height()));
  }
  crop_ = options.crop * column.height() / set.height();
}

std::int64_t BatchLoader::image(std::int64_t sample) const {
  return options_.order == Order::fixed ? sample % column_.size() : order_.image(sample);
}

BatchLoader::Cut BatchLoader::cut(std::int64_t sample) const {
  // Drawn in pixels of the images, for all columns alike.
  const ImageSet& set = column_.set();
  const int free_rows = set.height() - static_cast<int>(options_.crop);
  const int free_columns = set.width() - static_cast<int>(options_.crop);
  const int times = column_.height() / set.height();
  if (options_.order == Order::fixed) return {free_rows / 2 * times, free_columns / 2 * times, false};
  CounterRandom random(options_.seed, cut_stream | options_.stream, static_cast<std::uint64_t>(sample));
  const int top = static_cast<int>(random.below(free_rows + 1));
  const int left = static_cast<int>(random.below(free_columns + 1));
  return {top * times, left * times, options_.flip && (random.bits() & 1)};
}

void BatchLoader::fill(std::int64_t first, std::int64_t count, float* out) const {
  const std::int64_t crop = crop_, plane = crop * crop;
  Image decoded;
  for (std::int64_t n = first; n < first + count; ++n, out += 3 * plane) {
    const std::int64_t i = image(n);
    const std::uint8_t* pixels;
    if (column_.encoding() == Encoding::raw) {
      pixels = column_.pixels(i).data();
    } else {
      column_.read(i, decoded);
      pixels = decoded.pixels().data();
    }
    const Cut cut = this->cut(n);
    for (std::int64_t y = 0; y < crop; ++y) {
      const std::uint8_t* row = pixels + 3 * ((cut.top + y) * column_.width() + cut.left);
      if (options_.channels_last) {
        copy_row(row, crop, cut.flipped, out + y * crop * 3);
        continue;
      }
      float* red = out + y * crop;
      split_row(row, crop, red, red + plane, red + 2 * plane);
      if (!cut.flipped) continue;
      for (float* channel : {red, red + plane, red + 2 * plane}) std::reverse(channel, channel + crop);
    }
  }
}

}  // namespace atelier
