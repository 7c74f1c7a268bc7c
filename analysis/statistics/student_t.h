#pragma once

#include <span>

#include "analysis/statistics/interval.h"

namespace atelier {

/// P(T <= t) of Student's distribution with `freedom` > 0 degrees of freedom.
/// Source: NIST Digital Library of Mathematical Functions, 8.17.22 (continued fraction of the incomplete beta
/// function).
double student_t_cumulative(double t, double freedom);

/// The t below which a share `probability` in (0, 1) of the distribution lies.
double student_t_quantile(double probability, double freedom);

/// The mean of repeated measurements with Student's interval; one number has a mean and no interval. All must be
/// finite.
Interval mean_interval(std::span<const double> values, double level = confidence);

/// The mean of the first group less that of the second, both of at least two finite numbers, whose spreads may differ.
/// `n` is that of both together. Source: Welch, Biometrika 34, 1947; degrees of freedom by Satterthwaite.
Interval mean_difference(std::span<const double> first, std::span<const double> second, double level = confidence);

}  // namespace atelier
