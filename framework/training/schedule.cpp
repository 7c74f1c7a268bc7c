#include "framework/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace atelier {

double Schedule::rate(std::int64_t step) const {
  if (step < warmup) return lr * static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (kind == Kind::constant) return lr;
  const double at = static_cast<double>(step), last = static_cast<double>(total - 1);
  // The last step at the full rate; a warm-up that takes longer than the hold ends at it.
  const double top = std::max({hold * static_cast<double>(total), static_cast<double>(warmup) - 1, 0.0});
  if (at <= top || last <= top) return lr;
  const double done = std::min(1.0, (at - top) / (last - top));
  const double left = kind == Kind::linear ? 1 - done : 0.5 * (1 + std::cos(std::numbers::pi * done));
  return lr * (final + (1 - final) * left);
}

}  // namespace atelier
