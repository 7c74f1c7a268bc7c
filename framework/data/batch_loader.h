#pragma once

#include <cstdint>

#include "framework/data/image_set.h"
#include "framework/data/sample_order.h"

namespace atelier {

/// Fills batches of floats from a column, RGB, in [0, 1]: N x 3 x crop x crop, or with `channels_last` N x crop x crop
/// x 3.
///
/// The item, the place of the crop and the flip are functions of (seed, stream, sample) alone, so that any rank, and
/// any restart, sees the same samples. Loaders of several columns of a set with the same options show the same part of
/// the same items, mirrored alike. Safe from any number of threads.
///
///     const BatchLoader photos(set.column(), {.crop = 256, .flip = true, .seed = 0, .stream = 1});
///     photos.fill(step * batch + first_of_this_rank, batch / ranks, pixels);
class BatchLoader {
 public:
  enum class Order {
    shuffled,  ///< For training: a new order each epoch, crops at random places.
    fixed      ///< For validation: sample n is image n % size, its middle, never flipped.
  };
  struct Options {
    std::int64_t crop = 256;  ///< Side of the square, in pixels of the set's images; their own side takes them whole.
    bool flip = true;         ///< Mirror every other sample, left to right.
    std::uint64_t seed = 0;
    std::uint32_t stream = 0;  ///< Sets that should not move together take different ones.
    bool channels_last = false;
    Order order = Order::shuffled;
  };
  /// Throws `UsageError` when the crop is larger than the images. A column of another size is cut at the same place, so
  /// its pictures need the images' shape, and unless the images are taken whole, a whole number of times their size.
  BatchLoader(const ImageColumn& column, const Options& options);

  std::int64_t size() const { return column_.size(); }  ///< Items in an epoch.
  std::int64_t crop() const { return crop_; }           ///< Side of the square, in pixels of the column.
  std::int64_t floats_per_sample() const { return 3 * crop_ * crop_; }
  const SampleOrder& order() const { return order_; }

  /// Samples first .. first + count - 1. `out` has room for count x `floats_per_sample()`. Throws `Error` for damaged
  /// images.
  void fill(std::int64_t first, std::int64_t count, float* out) const;

  /// The item that a sample shows.
  std::int64_t image(std::int64_t sample) const;
  /// What it shows of it.
  struct Cut {
    int top, left;  ///< The first row and column, in pixels of the column.
    bool flipped;
  };
  Cut cut(std::int64_t sample) const;
  bool flipped(std::int64_t sample) const { return cut(sample).flipped; }

 private:
  ImageColumn column_;
  Options options_;
  std::int64_t crop_;
  SampleOrder order_;
};

}  // namespace atelier
