#include "framework/training/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "framework/core/error.h"
#include "framework/core/format.h"

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

Schedule::Kind Schedule::kind_from(std::string_view name) {
  if (name == "constant") return Kind::constant;
  if (name == "linear") return Kind::linear;
  if (name == "cosine") return Kind::cosine;
  throw UsageError(format("there is no schedule \"{}\"; expected \"constant\", \"linear\" or \"cosine\"", name));
}

}  // namespace atelier
