#pragma once

namespace atelier {

/// The density of the standard normal distribution.
double normal_density(double z);

/// P(Z <= z).
double normal_probability(double z);

/// log P(Z <= z), accurate far into the lower tail, and its derivative.
struct LogProbability {
  double value, slope;
};
LogProbability log_normal_probability(double z);

/// The z with P(Z <= z) = p, for p in (0, 1).
double normal_quantile(double p);

/// log(density(z) + z * probability(z)), the logarithm of the expected improvement in units of the standard deviation,
/// and its derivative; accurate for every z, where the difference itself has long become 0.
/// Source: Ament et al., "Unexpected improvements to expected improvement for Bayesian optimization", NeurIPS 2023,
/// eq. 9.
LogProbability log_improvement(double z);

}  // namespace atelier
