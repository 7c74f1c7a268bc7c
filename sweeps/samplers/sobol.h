#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace atelier {

/// Points that cover the unit cube more evenly than random ones: of any 2^m points that begin at a multiple of 2^m,
/// every interval of length 2^-m of every coordinate holds exactly one. Each coordinate is scrambled on its own, so
/// that another seed gives other points of the same evenness and each single point lies anywhere with equal
/// probability.
///
/// Sources: Sobol, "On the distribution of points in a cube and the approximate evaluation of integrals", 1967;
/// direction numbers: Joe and Kuo, "Constructing Sobol sequences with better two-dimensional projections", SIAM J. Sci.
/// Comput. 2008; scrambling: Owen, "Randomly permuted (t,m,s)-nets and (t,s)-sequences", 1995.
class SobolSequence {
 public:
  static constexpr std::size_t max_dimensions = 128;

  /// Throws `UsageError` for more dimensions than `max_dimensions`.
  SobolSequence(std::size_t dimensions, std::uint64_t seed);

  /// One point, in [0, 1) each, 32 scrambled bits deep. `index` below 2^32; the sequence begins again there.
  std::vector<double> at(std::uint64_t index) const;

 private:
  std::size_t dimensions_;
  std::uint64_t seed_;
  std::vector<std::uint32_t> directions_;  // 32 a dimension
};

}  // namespace atelier
