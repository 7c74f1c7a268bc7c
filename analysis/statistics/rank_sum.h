#pragma once

#include <span>
#include <vector>

#include "analysis/statistics/interval.h"

namespace atelier {

/// The places of the values, 1 the smallest; equal values share the mean of theirs.
std::vector<double> ranks(std::span<const double> values);

/// The middle value, or the mean of the middle two. NaN of none.
double median(std::vector<double> values);

/// Whether the values of one group tend to be larger than those of another.
struct RankSumTest {
  double u = 0;        ///< Pairs in which the first group's value is larger; equal ones count a half.
  double p = 1;        ///< Two-sided.
  bool exact = false;  ///< Of all ways to deal the ranks; else by the normal approximation.
  /// By how much the first group's values are larger: the median of all differences of pairs, with the interval that
  /// belongs to the test; no interval where the groups are too small for it.
  Interval shift;
};

/// Mann and Whitney's test. Exact up to 60 values in all, ties included (every deal of the mean ranks is counted:
/// Streitberg and Roehmel, Statistical Software Newsletter 12, 1986); above, normal with corrections for ties and
/// continuity. The shift is Hodges and Lehmann's, its interval the shifts that the test without ties would not refuse
/// (Hollander, Wolfe and Chicken, Nonparametric Statistical Methods, 2014, section 4.3). All values must be finite, no
/// group empty.
RankSumTest rank_sum_test(std::span<const double> first, std::span<const double> second, double level = confidence);

}  // namespace atelier
