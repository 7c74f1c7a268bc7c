#pragma once

#include <span>

#include "analysis/statistics/interval.h"

namespace atelier {

/// Spearman's correlation of ranks, in [-1, 1], of pairs of finite numbers; NaN where one side has no spread. The
/// interval is by Fisher's transformation with the variance (1 + r^2 / 2) / (n - 3) of Bonett and Wright (Psychometrika
/// 65, 2000); fewer than 10 pairs have none.
Interval rank_correlation(std::span<const double> a, std::span<const double> b, double level = confidence);

}  // namespace atelier
