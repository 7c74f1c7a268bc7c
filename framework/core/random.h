#pragma once

#include <array>
#include <cstdint>

namespace atelier {

/// One block of a counter-based generator: the same counter and key give the same four words on every machine, in any
/// order, so that no state has to be kept or restored.
///
/// Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011, Philox4x32-10.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 2> key);

/// A stream of random numbers that is a function of (seed, stream, index) alone. Cheap to make; make one wherever a
/// decision is drawn, keyed by what the decision is about (for instance: seed, epoch, sample).
class CounterRandom {
 public:
  CounterRandom(std::uint64_t seed, std::uint64_t stream, std::uint64_t index = 0);

  std::uint32_t bits();                      ///< 32 random bits.
  double uniform();                          ///< In [0, 1), 53 bits.
  std::uint64_t below(std::uint64_t bound);  ///< In [0, bound), without bias. `bound` > 0.
  double normal();                           ///< Mean 0, variance 1 (Box and Muller).

 private:
  std::array<std::uint32_t, 2> key_;
  std::array<std::uint32_t, 4> counter_;
  std::array<std::uint32_t, 4> block_{};
  unsigned used_ = 4;
};

/// A permutation of 0 .. size-1 that can be asked at any position in constant time and memory, so that training can
/// start in the middle of an epoch as fast as at its beginning.
///
/// A Feistel network over the next power of four, walking the cycle until the value lies inside.
/// Source: Black and Rogaway, "Ciphers with arbitrary finite domains", CT-RSA 2002, section 4 (cycle walking).
class Permutation {
 public:
  Permutation(std::uint64_t size, std::uint64_t seed, std::uint64_t stream);
  std::uint64_t operator()(std::uint64_t position) const;  ///< `position` < size.

 private:
  std::uint64_t encrypt(std::uint64_t value) const;
  std::uint64_t size_;
  unsigned half_bits_;
  std::array<std::uint32_t, 2> key_;
};

}  // namespace atelier
