#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace atelier {

/// What a trial was measured by, one number an objective, in the form in which smaller is better.
using Scores = std::vector<double>;

/// Whether `a` is at least as good as `b` by every objective and better by one.
bool dominates(std::span<const double> a, std::span<const double> b);

/// By how many of the others each is dominated; 0 is the Pareto front. With one objective this counts the smaller ones.
/// One plus it is the rank of Fonseca and Fleming (Genetic algorithms for multiobjective optimization, ICGA 1993).
/// In O(n log n) for one and two objectives. All must be finite and of one size.
std::vector<std::size_t> dominated_by(const std::vector<Scores>& scores);

}  // namespace atelier
