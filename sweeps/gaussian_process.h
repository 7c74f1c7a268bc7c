#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "sweeps/linear_algebra.h"

namespace atelier {

/// A Gaussian process with a Matern-5/2 kernel and one length scale a dimension, on points of mixed features:
///   k(x, y) = variance * (1 + sqrt(5) r + 5/3 r^2) exp(-sqrt(5) r) + mean_variance,  r^2 = sum over features of
///   ((x_i - y_i) / length_scale)^2, or [x_i != y_i] / length_scale^2 where the feature is a category (Hamming
///   distance),
/// observed with independent noise. The constant mean has a normal prior of variance `mean_variance` around 0 and is
/// integrated out, so targets should be standardised.
///
/// Source: Rasmussen and Williams, "Gaussian processes for machine learning", 2006: eq. 4.17 (kernel), 2.25 and 2.26
/// (posterior), 5.8 and 5.9 (likelihood and its gradient).
class GaussianProcess {
 public:
  static constexpr double mean_variance = 1;

  struct Feature {
    bool category = false;
    std::size_t scale = 0;  ///< Which length scale it belongs to; several features may share one.
  };
  struct Hyperparameters {
    std::vector<double> length_scales;
    double variance = 1;
    double noise = 1e-4;  ///< Variance of an observation around the function.
  };
  /// Prior of the hyperparameters: independent normal distributions of their logarithms.
  struct Prior {
    double length_scale = 0.5, length_scale_spread = 0.7;  ///< Median, and the logarithm's standard deviation.
    double variance = 1, variance_spread = 1;
    double noise = 1e-5, noise_spread = 2;
    double least_noise = 1e-7;  ///< Added to the noise, which keeps the matrix positive definite.
  };

  /// `inputs`: one point a row, one feature a column. Where the noise is too small to invert the kernel matrix it is
  /// made ten times larger until it is not. Throws `Error` when that does not help: a number is not finite.
  GaussianProcess(std::vector<Feature> features, const Matrix& inputs, std::span<const double> targets,
                  Hyperparameters hyperparameters);

  /// The hyperparameters of greatest posterior density near `start`, by the gradient. `score`, where given, becomes
  /// that density's logarithm (up to the constant of the priors), by which models of the same data compare.
  static Hyperparameters most_probable(const std::vector<Feature>& features, const Matrix& inputs,
                                       std::span<const double> targets, const Prior& prior,
                                       const Hyperparameters& start, int iterations, double* score = nullptr);

  double log_likelihood() const;

  /// Of the function itself, without noise.
  struct Posterior {
    double mean, variance;
  };
  Posterior at(std::span<const double> x) const;
  /// With the gradients by each feature; categories have none (0).
  Posterior at(std::span<const double> x, std::span<double> mean_gradient, std::span<double> variance_gradient) const;

  /// Goes on as if the posterior mean had been observed at `x`: the mean stays, the variance around it shrinks.
  /// Source: the kriging believer; Ginsbourger, Le Riche and Carraro, "Kriging is well-suited to parallelize
  /// optimization", 2010, section 4.1.
  void believe(std::span<const double> x);

  const Hyperparameters& hyperparameters() const { return hyperparameters_; }

 private:
  void factor();
  /// Squared distances to all points, one after the other.
  void distances(std::span<const double> x, std::span<double> squared) const;

  std::vector<Feature> features_;
  Hyperparameters hyperparameters_;
  std::vector<double> inverse_squares_;       // of the length scales
  std::vector<std::vector<double>> columns_;  // one a feature: its value at every point, believed ones last
  std::vector<double> targets_, weights_;     // K^-1 y, zero for believed points
  Matrix inverse_, inverse_transposed_;       // of the Cholesky factor
  double log_determinant_ = 0;
  mutable std::vector<double> squared_, kernel_, solved_, slope_;  // room to work in
};

}  // namespace atelier
