#include "framework/data/sample_order.h"

#include "framework/core/random.h"

namespace atelier {

std::int64_t SampleOrder::image(std::int64_t sample) const {
  const std::uint64_t size = static_cast<std::uint64_t>(size_), n = static_cast<std::uint64_t>(sample);
  // Stream and epoch share the permutation's one number, half and half: 4 billion epochs are enough.
  const std::uint64_t stream = std::uint64_t{stream_} << 32 | static_cast<std::uint32_t>(n / size);
  return static_cast<std::int64_t>(Permutation(size, seed_, stream)(n % size));
}

}  // namespace atelier
