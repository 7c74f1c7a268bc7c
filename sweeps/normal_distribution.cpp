#include "sweeps/normal_distribution.h"

#include <cmath>
#include <numbers>

namespace atelier {
namespace {

const double log_sqrt_two_pi = 0.5 * std::log(2 * std::numbers::pi);

/// P(Z <= -a) / density(a) for a >= 0.
double mills_ratio(double a) {
  if (a > 25) {
    // The asymptotic series; its fourth term is below 1e-8 here.
    const double s = 1 / (a * a);
    return (1 - s * (1 - s * (3 - s * 15))) / a;
  }
  return normal_probability(-a) * std::exp(0.5 * a * a) * std::sqrt(2 * std::numbers::pi);
}

}  // namespace

double normal_density(double z) { return std::exp(-0.5 * z * z - log_sqrt_two_pi); }

double normal_probability(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

LogProbability log_normal_probability(double z) {
  if (z > -1) {
    const double p = normal_probability(z);
    return {std::log(p), normal_density(z) / p};
  }
  const double ratio = mills_ratio(-z);
  return {-0.5 * z * z - log_sqrt_two_pi + std::log(ratio), 1 / ratio};
}

double normal_quantile(double p) {
  if (p > 0.5) return -normal_quantile(1 - p);
  // Newton's method on log P, which is concave, from a point on the side from which it converges steadily.
  const double log_p = std::log(p);
  double z = -std::sqrt(std::fmax(0.0, -2 * log_p - 1.2));
  for (int i = 0; i < 50; ++i) {
    const LogProbability at = log_normal_probability(z);
    const double step = (at.value - log_p) / at.slope;
    z -= step;
    if (std::fabs(step) < 1e-14 * (1 + std::fabs(z))) break;
  }
  return z;
}

LogProbability log_improvement(double z) {
  if (z > -1) {
    const double probability = normal_probability(z);
    const double improvement = normal_density(z) + z * probability;
    return {std::log(improvement), probability / improvement};
  }
  const double a = -z;
  const double ratio = mills_ratio(a);
  // 1 - a * ratio cancels: far out by its series.
  const double s = 1 / (a * a);
  const double rest = a > 25 ? s * (1 - s * (3 - s * (15 - s * 105))) : 1 - a * ratio;
  return {-0.5 * z * z - log_sqrt_two_pi + std::log(rest), ratio / rest};
}

}  // namespace atelier
