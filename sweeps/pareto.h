#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "framework/core/domination.h"
#include "sweeps/trial.h"

namespace atelier {

/// Smaller is better in all that follows.

/// The points in fronts: those that none dominates, those that only the first front dominates, and so on. Indices
/// ascending in each.
/// Source: Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE Trans. Evol. Comput. 2002,
/// section III-A.
std::vector<std::vector<std::size_t>> non_dominated_fronts(std::span<const std::vector<double>> points);

/// How alone each point of one front is: for every objective the gap between its two neighbours as a share of the
/// front's extent, summed; infinite for the ends. In the order of `front`. Source: the same, section III-B.
std::vector<double> crowding_distances(std::span<const std::vector<double>> points, std::span<const std::size_t> front);

/// The volume that the points dominate, bounded by `reference`; points that are not better than it in all count
/// nothing. O(n log n) for two objectives, then by slices along the last objective. Source: Zitzler and Thiele,
/// "Multiobjective evolutionary algorithms: a comparative case study", IEEE Trans. Evol. Comput. 1999 (the measure);
/// Knowles, PhD thesis, Reading 2002, section 4.3.3 (by slices).
double hypervolume(std::span<const std::vector<double>> points, std::span<const double> reference);

/// Ended trials in fronts of merit: the feasible and finished by domination (with one objective: by value), then the
/// feasible that were pruned, those that came farther first, then the infeasible by how much is missed in all, last the
/// failed. Trials that have not ended are in none. Source of the constraints' part: Deb et al. 2002, section VI-A.
std::vector<std::vector<std::size_t>> fronts_of_merit(std::span<const Trial* const> trials);

/// The same trials from the best to the worst: front by front, within one the loneliest first, then by number.
std::vector<std::size_t> order_of_merit(std::span<const Trial* const> trials);

}  // namespace atelier
