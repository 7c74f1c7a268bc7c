#include "analysis/statistics/correlation.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "analysis/statistics/rank_sum.h"

namespace atelier {
namespace {

/// The z within which, on either side of 0, a share `level` of the normal distribution lies: erf(z / sqrt 2) = level.
double two_sided_quantile(double level) {
  double low = 0, high = 40;
  while (true) {
    const double middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    (std::erf(middle / std::sqrt(2.0)) < level ? low : high) = middle;
  }
}

}  // namespace

Interval rank_correlation(std::span<const double> a, std::span<const double> b, double level) {
  const std::size_t n = std::min(a.size(), b.size());
  const std::vector<double> x = ranks(a.first(n)), y = ranks(b.first(n));
  const double middle = static_cast<double>(n + 1) / 2;
  double xy = 0, xx = 0, yy = 0;
  for (std::size_t i = 0; i < n; ++i) {
    xy += (x[i] - middle) * (y[i] - middle);
    xx += (x[i] - middle) * (x[i] - middle);
    yy += (y[i] - middle) * (y[i] - middle);
  }
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (xx <= 0 || yy <= 0) return {nan, nan, nan, n};
  Interval result{std::clamp(xy / std::sqrt(xx * yy), -1.0, 1.0), nan, nan, n};
  if (n < 10) return result;
  const double quantile = two_sided_quantile(level);
  const double r = result.middle, half = quantile * std::sqrt((1 + r * r / 2) / (static_cast<double>(n) - 3));
  const double z = std::atanh(std::clamp(r, -1 + 1e-15, 1 - 1e-15));
  result.low = std::tanh(z - half);
  result.high = std::tanh(z + half);
  return result;
}

}  // namespace atelier
