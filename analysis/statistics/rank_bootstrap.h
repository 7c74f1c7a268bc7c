#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "analysis/statistics/domination.h"

namespace atelier {

/// How sure the place of a setting is.
struct RankRange {
  std::size_t low = 1, high = 1;  ///< Of the middle 95 % of draws; 1 is the best (by several objectives: on the front).
  double best = 0;                ///< Share of draws in which it has rank 1.
};

/// The ranks of settings of which at least some were measured several times: `measured[i]` holds the scores of setting
/// i, one entry a seed, smaller is better.
///
/// The means are drawn anew many times: to each the mean of as many deviations as it has seeds, dealt from the
/// deviations of all settings from their own means, each scaled by sqrt(n / (n - 1)) since a mean lies nearer to its
/// own numbers than the truth does; objectives of one seed are dealt together. That takes the spread over seeds to be
/// alike in all settings. None when fewer than 4 deviations are free (seeds less settings, of those with at least two):
/// the spread is not known. Deterministic. Source: Efron and Tibshirani, An Introduction to the Bootstrap, 1993,
/// chapters 8 and 13.
std::optional<std::vector<RankRange>> rank_bootstrap(const std::vector<std::vector<Scores>>& measured);

}  // namespace atelier
