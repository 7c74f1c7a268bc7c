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

BatchLoader::BatchLoader(const ImageSet& set, const Options& options)
    : set_(set), options_(options), order_(set.size(), options.seed, options.stream) {
  if (options.crop < 1 || options.crop > std::min(set.height(), set.width())) {
    throw UsageError(
        format("a crop of {0} x {0} does not fit the {1} images of {2} x {3} pixels: data.crop is {4} at most",
               options.crop, set.split(), set.width(), set.height(), std::min(set.height(), set.width())));
  }
  if (!set.has(picture())) {
    throw UsageError(format("{}: has no {}", set.shards().front().path().parent_path().string(),
                            options.truth ? "true pictures; pack it with truth = \"FOLDER\""
                                          : "smoothed images; pack it with smooth = true"));
  }
}

std::int64_t BatchLoader::image(std::int64_t sample) const {
  return options_.order == Order::fixed ? sample % set_.size() : order_.image(sample);
}

BatchLoader::Cut BatchLoader::cut(std::int64_t sample) const {
  const int free_rows = set_.height() - static_cast<int>(options_.crop);
  const int free_columns = set_.width() - static_cast<int>(options_.crop);
  if (options_.order == Order::fixed) return {free_rows / 2, free_columns / 2, false};
  CounterRandom random(options_.seed, cut_stream | options_.stream, static_cast<std::uint64_t>(sample));
  const int top = static_cast<int>(random.below(free_rows + 1));
  const int left = static_cast<int>(random.below(free_columns + 1));
  return {top, left, options_.flip && (random.bits() & 1)};
}

void BatchLoader::fill(std::int64_t first, std::int64_t count, float* out) const {
  const std::int64_t crop = options_.crop, plane = crop * crop;
  Image decoded;
  for (std::int64_t n = first; n < first + count; ++n, out += 3 * plane) {
    const std::int64_t i = image(n);
    const std::uint8_t* pixels;
    if (set_.encoding() == Encoding::raw) {
      pixels = set_.pixels(i, picture()).data();
    } else {
      set_.read(i, decoded, picture());
      pixels = decoded.pixels().data();
    }
    const Cut cut = this->cut(n);
    for (std::int64_t y = 0; y < crop; ++y) {
      const std::uint8_t* row = pixels + 3 * ((cut.top + y) * set_.width() + cut.left);
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
