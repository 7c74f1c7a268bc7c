#include "analysis/statistics/student_t.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace atelier {
namespace {

/// 1 + d1 / (1 + d2 / (1 + ...)) of DLMF 8.17.22, by the modified method of Lentz (Thompson and Barnett, J. Comput.
/// Phys. 64, 1986).
double beta_fraction(double x, double a, double b) {
  double f = 1, c = 1, d = 0;
  for (int i = 1; i < 2000; ++i) {
    const int m = i / 2;
    const double term =
        i % 2 == 0 ? m * (b - m) * x / ((a + i - 1) * (a + i)) : -(a + m) * (a + b + m) * x / ((a + i - 1) * (a + i));
    d = 1 + term * d;
    c = 1 + term / c;
    if (d == 0) d = 1e-300;
    if (c == 0) c = 1e-300;
    d = 1 / d;
    f *= c * d;
    if (std::abs(c * d - 1) < 1e-15) break;
  }
  return f;
}

/// The regularized incomplete beta function.
double incomplete_beta(double x, double a, double b) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incomplete_beta(1 - x, b, a);  // Where the fraction converges fast.
  const double log_front = a * std::log(x) + b * std::log1p(-x) + std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b);
  return std::exp(log_front) / (a * beta_fraction(x, a, b));
}

struct Moments {
  double mean = 0, variance = 0;  ///< The variance with n - 1; 0 of one value.
};

Moments moments(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  Moments result{std::accumulate(values.begin(), values.end(), 0.0) / n, 0};
  if (values.size() < 2) return result;
  for (const double value : values) result.variance += (value - result.mean) * (value - result.mean) / (n - 1);
  return result;
}

}  // namespace

double student_t_cumulative(double t, double freedom) {
  const double square = t * t;
  // Near the middle what lies between 0 and t, further out the tail: each from the side where no digits are lost.
  if (square < freedom) {
    const double inside = incomplete_beta(square / (freedom + square), 0.5, freedom / 2) / 2;
    return t > 0 ? 0.5 + inside : 0.5 - inside;
  }
  const double tail = incomplete_beta(freedom / (freedom + square), freedom / 2, 0.5) / 2;
  return t > 0 ? 1 - tail : tail;
}

double student_t_quantile(double probability, double freedom) {
  if (probability > 0.5) return -student_t_quantile(1 - probability, freedom);
  double low = -1, high = 0;
  while (student_t_cumulative(low, freedom) > probability && low > -1e150) low *= 2;
  for (int i = 0; i < 200 && low < high; ++i) {
    const double middle = low + (high - low) / 2;
    if (middle == low || middle == high) break;
    (student_t_cumulative(middle, freedom) < probability ? low : high) = middle;
  }
  return high;
}

Interval mean_interval(std::span<const double> values, double level) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  if (values.empty()) return {nan, nan, nan, 0};
  const auto [mean, variance] = moments(values);
  if (values.size() == 1) return {mean, nan, nan, 1};
  const auto n = static_cast<double>(values.size());
  const double half = -student_t_quantile((1 - level) / 2, n - 1) * std::sqrt(variance / n);
  return {mean, mean - half, mean + half, values.size()};
}

Interval mean_difference(std::span<const double> first, std::span<const double> second, double level) {
  const auto [mean_a, variance_a] = moments(first);
  const auto [mean_b, variance_b] = moments(second);
  const auto n_a = static_cast<double>(first.size()), n_b = static_cast<double>(second.size());
  const double a = variance_a / n_a, b = variance_b / n_b, difference = mean_a - mean_b;
  double half = 0;  // Where nothing scatters at all.
  if (a + b > 0) {
    const double freedom = (a + b) * (a + b) / (a * a / (n_a - 1) + b * b / (n_b - 1));
    half = -student_t_quantile((1 - level) / 2, freedom) * std::sqrt(a + b);
  }
  return {difference, difference - half, difference + half, first.size() + second.size()};
}

}  // namespace atelier
