#pragma once

#include <cstdint>

namespace atelier {

/// Which image comes when. A training counts its samples from 0 without end: sample n is position n % size of epoch
/// n / size, and each epoch is a permutation of its own, a function of (seed, stream, epoch) alone. So any sample is
/// found in constant time, a training starts again in the middle of an epoch, and ranks need not agree on anything.
class SampleOrder {
 public:
  /// `size` at least 1. Sets that should not move together (photos, anime, smoothed) take different streams.
  SampleOrder(std::int64_t size, std::uint64_t seed, std::uint32_t stream)
      : size_(size), seed_(seed), stream_(stream) {}

  std::int64_t size() const { return size_; }
  std::int64_t epoch(std::int64_t sample) const { return sample / size_; }
  /// The image of a sample, 0 .. size-1.
  std::int64_t image(std::int64_t sample) const;

 private:
  std::int64_t size_;
  std::uint64_t seed_;
  std::uint32_t stream_;
};

}  // namespace atelier
