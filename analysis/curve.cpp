#include "analysis/curve.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace atelier {
namespace {

/// The points of [first, last) that must stay: extremes, and where numbers end.
void keep_telling(const Curve& curve, std::size_t first, std::size_t last, std::set<std::size_t>& kept) {
  std::size_t lowest = last, highest = last, broken = last;
  for (std::size_t i = first; i < last; ++i) {
    const double value = curve.values[i];
    if (!std::isfinite(value)) {
      if (broken == last) broken = i;
      continue;
    }
    if (lowest == last || value < curve.values[lowest]) lowest = i;
    if (highest == last || value > curve.values[highest]) highest = i;
  }
  for (const std::size_t i : {lowest, highest, broken}) {
    if (i != last) kept.insert(i);
  }
}

}  // namespace

void Curve::add(double step, double time, double value) {
  steps.push_back(step);
  seconds.push_back(time);
  values.push_back(value);
}

void Curve::cut_from(double step) {
  const auto keep = static_cast<std::size_t>(std::lower_bound(steps.begin(), steps.end(), step) - steps.begin());
  steps.resize(keep);
  seconds.resize(keep);
  values.resize(keep);
}

Curve thin(const Curve& curve, std::size_t limit) {
  limit = std::max<std::size_t>(limit, 8);
  if (curve.size() <= limit) return curve;
  const std::size_t stretches = (limit - 2) / 3;
  std::set<std::size_t> kept{0, curve.size() - 1};
  for (std::size_t i = 0; i < stretches; ++i) {
    keep_telling(curve, i * curve.size() / stretches, (i + 1) * curve.size() / stretches, kept);
  }
  Curve result;
  for (const std::size_t i : kept) result.add(curve.steps[i], curve.seconds[i], curve.values[i]);
  return result;
}

}  // namespace atelier
