#pragma once

#include <cstdint>

#include "framework/data/image_set.h"
#include "framework/data/sample_order.h"

namespace atelier {

/// Fills batches of floats, RGB, in [0, 1]: N x 3 x crop x crop, or with `channels_last` N x crop x crop x 3.
///
/// The image, the place of the crop and the flip are functions of (seed, stream, sample) alone, so that any rank, and
/// any restart, sees the same samples. Safe from any number of threads.
///
///     const BatchLoader photos(set, {.crop = 256, .flip = true, .seed = 0, .stream = 1});
///     photos.fill(step * batch + first_of_this_rank, batch / ranks, pixels);
class BatchLoader {
 public:
  enum class Order {
    shuffled,  ///< For training: a new order each epoch, crops at random places.
    fixed      ///< For validation: sample n is image n % size, its middle, never flipped.
  };
  struct Options {
    std::int64_t crop = 256;  ///< Side of the square, in pixels; the images' own side takes them whole.
    bool flip = true;         ///< Mirror every other sample, left to right.
    std::uint64_t seed = 0;
    std::uint32_t stream = 0;  ///< Sets that should not move together take different ones.
    bool smoothed = false;     ///< The copies with smoothed edges.
    bool truth = false;        ///< Instead, the true pictures: with the options of the images, their crops and flips.
    bool channels_last = false;
    Order order = Order::shuffled;
  };
  /// Keeps a reference to the set. Throws `UsageError` when the crop is larger than the images, or when smoothed or
  /// true ones are asked for and there are none.
  BatchLoader(const ImageSet& set, const Options& options);

  std::int64_t size() const { return set_.size(); }  ///< Images in an epoch.
  std::int64_t crop() const { return options_.crop; }
  std::int64_t floats_per_sample() const { return 3 * options_.crop * options_.crop; }
  const SampleOrder& order() const { return order_; }

  /// Samples first .. first + count - 1. `out` has room for count x `floats_per_sample()`. Throws `Error` for damaged
  /// images.
  void fill(std::int64_t first, std::int64_t count, float* out) const;

  /// The image that a sample shows, and whether it is mirrored.
  std::int64_t image(std::int64_t sample) const;
  /// What it shows of it.
  struct Cut {
    int top, left;  ///< The first row and column.
    bool flipped;
  };
  Cut cut(std::int64_t sample) const;
  bool flipped(std::int64_t sample) const { return cut(sample).flipped; }

 private:
  Picture picture() const {
    return options_.truth ? Picture::truth : options_.smoothed ? Picture::smoothed : Picture::plain;
  }

  const ImageSet& set_;
  Options options_;
  SampleOrder order_;
};

}  // namespace atelier
