#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "sweeps/trial.h"

namespace atelier {

/// Where a trial stands among others, as far as it says so on its own; smaller is better.
struct Standing {
  enum class Tier { finished, pruned, infeasible };
  Tier tier = Tier::finished;
  /// Finished: the objective. Pruned: how far it came, negated, then its last value. Infeasible: the sum of its
  /// violations.
  double first = 0, second = 0;

  auto operator<=>(const Standing&) const = default;
};

/// None for trials that have not ended, for failed ones and for those without the values to stand with.
std::optional<Standing> standing(const Trial& trial, std::int64_t objectives);

/// A trial with its standing; `index` is the caller's.
struct RankedTrial {
  Standing standing;
  std::size_t index = 0;
  const std::vector<double>* values = nullptr;  ///< Of the trial; read with several objectives.
};

/// Moves the best `count` trials to the front, the best first. With several objectives finished trials are ordered by
/// fronts of those that no other dominates, inside a front by how much each adds to the hypervolume of those before it.
///
/// Sources: Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", 2002 (fronts); Ozaki et al.,
/// "Multiobjective tree-structured Parzen estimator", JAIR 2022, section 4.2 (hypervolume inside the front that is
/// split).
void rank_best(std::vector<RankedTrial>& trials, std::size_t count, std::int64_t objectives);

}  // namespace atelier
