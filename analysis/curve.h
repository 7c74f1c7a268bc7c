#pragma once

#include <cstddef>
#include <vector>

namespace atelier {

/// One metric of one run over its steps. The three lists are of equal length; steps ascend.
struct Curve {
  std::vector<double> steps;
  std::vector<double> seconds;  ///< Since the run began; NaN where the record did not say.
  std::vector<double> values;   ///< May hold NaN and infinities: a divergence is worth seeing.

  std::size_t size() const { return steps.size(); }
  void add(double step, double time, double value);
  /// Forgets the points from `step` on: a run that was killed and resumed records them again.
  void cut_from(double step);
};

/// At most `limit` points (at least 8) that look like the whole curve: the first, the last, and of each stretch between
/// them the lowest, the highest and the first that is not a number.
Curve thin(const Curve& curve, std::size_t limit);

}  // namespace atelier
