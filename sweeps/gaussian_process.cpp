#include "sweeps/gaussian_process.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

#include "framework/core/error.h"
#include "sweeps/box_minimizer.h"

namespace atelier {
namespace {

const double sqrt5 = std::sqrt(5.0);

/// The kernel for variance 1 at a squared distance, and its derivative by that.
struct Matern {
  double value, slope;
};

Matern matern52(double squared) {
  const double root = sqrt5 * std::sqrt(squared);
  const double decay = std::exp(-root);
  return {(1 + root + 5.0 / 3.0 * squared) * decay, -5.0 / 6.0 * (1 + root) * decay};
}

/// Adds what one feature contributes to the squared distances between x and every point.
void add_distances(std::span<double> squared, bool category, double weight, double x, std::span<const double> column) {
  double* const __restrict to = squared.data();
  const double* const __restrict from = column.data();
  if (category) {
    for (std::size_t a = 0; a < column.size(); ++a) to[a] += from[a] == x ? 0.0 : weight;
  } else {
    for (std::size_t a = 0; a < column.size(); ++a) to[a] += weight * (from[a] - x) * (from[a] - x);
  }
}

/// The posterior density of the hyperparameters as a function of their logarithms: length scales, variance, noise.
class HyperparameterDensity {
 public:
  HyperparameterDensity(const std::vector<GaussianProcess::Feature>& features, const Matrix& inputs,
                        std::span<const double> targets, const GaussianProcess::Prior& prior, std::size_t scales)
      : targets_(targets), prior_(prior), count_(inputs.rows()), pairs_(scales) {
    const std::size_t size = count_ * (count_ - 1) / 2;
    for (std::vector<double>& distances : pairs_) distances.resize(size);
    std::vector<double> column(count_);
    for (std::size_t f = 0; f < features.size(); ++f) {
      for (std::size_t a = 0; a < count_; ++a) column[a] = inputs(a, f);
      std::size_t at = 0;
      for (std::size_t a = 1; a < count_; at += a++) {
        add_distances(std::span(pairs_[features[f].scale]).subspan(at, a), features[f].category, 1, column[a],
                      std::span(column).first(a));
      }
    }
    squared_.resize(size);
    slopes_.resize(size);
  }

  /// Minus the logarithm of the density.
  double operator()(std::span<const double> logs, std::span<double> gradient) {
    const std::size_t scales = pairs_.size();
    const double variance = std::exp(logs[scales]), noise = std::exp(logs[scales + 1]);
    std::vector<double> weights(scales);
    std::fill(squared_.begin(), squared_.end(), 0.0);
    for (std::size_t s = 0; s < scales; ++s) {
      weights[s] = std::exp(-2 * logs[s]);
      add_scaled(squared_, weights[s], pairs_[s]);
    }
    Matrix factor(count_, count_);
    for (std::size_t a = 0, p = 0; a < count_; ++a) {
      for (std::size_t b = 0; b < a; ++b, ++p) {
        const Matern k = matern52(squared_[p]);
        factor(a, b) = variance * k.value + GaussianProcess::mean_variance;
        slopes_[p] = k.slope;
        squared_[p] = k.value;  // from here on the kernel itself
      }
      factor(a, a) = variance + GaussianProcess::mean_variance + noise + prior_.least_noise;
    }
    if (!cholesky(factor)) return std::numeric_limits<double>::infinity();
    double density = -0.5 * static_cast<double>(count_) * std::log(2 * std::numbers::pi);
    for (std::size_t a = 0; a < count_; ++a) density -= std::log(factor(a, a));
    const Matrix inverse = inverse_from_lower(inverse_of_lower(factor));
    std::vector<double> solved(count_);
    for (std::size_t a = 0; a < count_; ++a) solved[a] = dot(inverse.row(a), targets_);
    density -= 0.5 * dot(solved, targets_);

    // d/dt = 1/2 tr((solved solved^T - K^-1) dK/dt); off the diagonal each pair counts twice.
    double by_variance = 0, by_noise = 0;
    for (std::size_t a = 0, p = 0; a < count_; ++a) {
      for (std::size_t b = 0; b < a; ++b, ++p) {
        const double g = solved[a] * solved[b] - inverse(a, b);
        by_variance += g * squared_[p];
        slopes_[p] *= g;
      }
      by_noise += 0.5 * (solved[a] * solved[a] - inverse(a, a));
    }
    for (std::size_t s = 0; s < scales; ++s) gradient[s] = 2 * variance * weights[s] * dot(slopes_, pairs_[s]);
    gradient[scales] = -variance * (by_variance + by_noise);
    gradient[scales + 1] = -noise * by_noise;

    const auto add_prior = [&](std::size_t i, double median, double spread) {
      const double away = (logs[i] - std::log(median)) / spread;
      density -= 0.5 * away * away;
      gradient[i] += away / spread;
    };
    for (std::size_t s = 0; s < scales; ++s) add_prior(s, prior_.length_scale, prior_.length_scale_spread);
    add_prior(scales, prior_.variance, prior_.variance_spread);
    add_prior(scales + 1, prior_.noise, prior_.noise_spread);
    return -density;
  }

 private:
  std::span<const double> targets_;
  const GaussianProcess::Prior& prior_;
  std::size_t count_;
  std::vector<std::vector<double>> pairs_;  // for each length scale: squared distances of all pairs, unscaled
  std::vector<double> squared_, slopes_;
};

}  // namespace

GaussianProcess::Hyperparameters GaussianProcess::most_probable(const std::vector<Feature>& features,
                                                                const Matrix& inputs, std::span<const double> targets,
                                                                const Prior& prior, const Hyperparameters& start,
                                                                int iterations, double* score) {
  const std::size_t scales = start.length_scales.size();
  HyperparameterDensity density(features, inputs, targets, prior, scales);
  std::vector<double> logs;
  for (const double scale : start.length_scales) logs.push_back(std::log(scale));
  logs.push_back(std::log(start.variance));
  logs.push_back(std::log(start.noise));
  // Far beyond what priors allow; so that no step ends in numbers that overflow.
  const std::vector<double> lower(logs.size(), -18), upper(logs.size(), 12);
  const BoxMinimum found = minimize_in_box(
      [&](std::span<const double> x, std::span<double> g) { return density(x, g); }, std::move(logs), lower, upper,
      {.iterations = iterations, .tolerance = 1e-2, .least_decrease = 1e-3, .first_step = 0.5});
  Hyperparameters result;
  for (std::size_t s = 0; s < scales; ++s) result.length_scales.push_back(std::exp(found.x[s]));
  result.variance = std::exp(found.x[scales]);
  result.noise = std::exp(found.x[scales + 1]) + prior.least_noise;
  if (score) *score = -found.value;
  return result;
}

GaussianProcess::GaussianProcess(std::vector<Feature> features, const Matrix& inputs, std::span<const double> targets,
                                 Hyperparameters hyperparameters)
    : features_(std::move(features)),
      hyperparameters_(std::move(hyperparameters)),
      columns_(features_.size(), std::vector<double>(inputs.rows())),
      targets_(targets.begin(), targets.end()) {
  for (const double scale : hyperparameters_.length_scales) inverse_squares_.push_back(1 / (scale * scale));
  for (std::size_t f = 0; f < features_.size(); ++f) {
    for (std::size_t a = 0; a < inputs.rows(); ++a) columns_[f][a] = inputs(a, f);
  }
  factor();
  const std::size_t n = targets_.size();
  weights_.resize(n);
  std::vector<double> half(n);
  for (std::size_t a = 0; a < n; ++a) half[a] = dot(inverse_.row(a), targets_);
  for (std::size_t a = 0; a < n; ++a) add_scaled(weights_, half[a], inverse_.row(a));
}

void GaussianProcess::factor() {
  const std::size_t n = targets_.size();
  Matrix kernel(n, n);
  std::vector<double> squared(n);
  for (std::size_t a = 0; a < n; ++a) {
    std::fill(squared.begin(), squared.end(), 0.0);
    for (std::size_t f = 0; f < features_.size(); ++f) {
      add_distances(std::span(squared).first(a), features_[f].category, inverse_squares_[features_[f].scale],
                    columns_[f][a], std::span(columns_[f]).first(a));
    }
    for (std::size_t b = 0; b < a; ++b)
      kernel(a, b) = hyperparameters_.variance * matern52(squared[b]).value + mean_variance;
    kernel(a, a) = hyperparameters_.variance + mean_variance + hyperparameters_.noise;
  }
  Matrix factored = kernel;
  while (!cholesky(factored)) {
    if (!(hyperparameters_.noise < hyperparameters_.variance)) {
      throw Error(
          "the kernel matrix of a Gaussian process is not positive definite: its inputs or hyperparameters are not "
          "finite");
    }
    for (std::size_t a = 0; a < n; ++a) kernel(a, a) += 9 * hyperparameters_.noise;
    hyperparameters_.noise *= 10;
    factored = kernel;
  }
  kernel = std::move(factored);
  log_determinant_ = 0;
  for (std::size_t a = 0; a < n; ++a) log_determinant_ += 2 * std::log(kernel(a, a));
  inverse_ = inverse_of_lower(kernel);
  inverse_transposed_ = transposed(inverse_);
  squared_.resize(n);
  kernel_.resize(n);
  solved_.resize(n);
  slope_.resize(n);
}

double GaussianProcess::log_likelihood() const {
  return -0.5 * (dot(weights_, targets_) + log_determinant_ +
                 static_cast<double>(targets_.size()) * std::log(2 * std::numbers::pi));
}

void GaussianProcess::distances(std::span<const double> x, std::span<double> squared) const {
  std::fill(squared.begin(), squared.end(), 0.0);
  for (std::size_t f = 0; f < features_.size(); ++f) {
    add_distances(squared, features_[f].category, inverse_squares_[features_[f].scale], x[f], columns_[f]);
  }
}

GaussianProcess::Posterior GaussianProcess::at(std::span<const double> x) const {
  const std::size_t n = squared_.size();
  distances(x, squared_);
  for (std::size_t a = 0; a < n; ++a)
    kernel_[a] = hyperparameters_.variance * matern52(squared_[a]).value + mean_variance;
  std::fill(solved_.begin(), solved_.end(), 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    add_scaled(std::span(solved_).subspan(a), kernel_[a], inverse_transposed_.row(a).subspan(a));
  }
  const double variance = hyperparameters_.variance + mean_variance - dot(solved_, solved_);
  return {dot(std::span(kernel_).first(weights_.size()), weights_), std::max(variance, 1e-14)};
}

GaussianProcess::Posterior GaussianProcess::at(std::span<const double> x, std::span<double> mean_gradient,
                                               std::span<double> variance_gradient) const {
  const Posterior posterior = at(x);
  const std::size_t n = squared_.size();
  for (std::size_t a = 0; a < n; ++a) slope_[a] = hyperparameters_.variance * matern52(squared_[a]).slope;
  // kernel_ becomes K^-1 k.
  std::fill(kernel_.begin(), kernel_.end(), 0.0);
  for (std::size_t a = 0; a < n; ++a) {
    add_scaled(std::span(kernel_).first(a + 1), solved_[a], inverse_.row(a).first(a + 1));
  }
  for (std::size_t f = 0; f < features_.size(); ++f) {
    mean_gradient[f] = variance_gradient[f] = 0;
    if (features_[f].category) continue;
    double by_mean = 0, by_variance = 0;
    for (std::size_t a = 0; a < n; ++a) {
      const double change = slope_[a] * (x[f] - columns_[f][a]);
      by_mean += a < weights_.size() ? change * weights_[a] : 0;
      by_variance += change * kernel_[a];
    }
    const double weight = 2 * inverse_squares_[features_[f].scale];
    mean_gradient[f] = weight * by_mean;
    variance_gradient[f] = -2 * weight * by_variance;
  }
  return posterior;
}

void GaussianProcess::believe(std::span<const double> x) {
  // One more row of the inverse of the Cholesky factor: with w = L^-1 k and d^2 = k(x, x) + noise - w w, it is
  // (-w^T L^-1, 1) / d.
  const std::size_t n = squared_.size();
  const Posterior posterior = at(x);
  const double pivot = std::sqrt(posterior.variance + hyperparameters_.noise);
  Matrix grown(n + 1, n + 1);
  for (std::size_t a = 0; a < n; ++a) {
    std::copy(inverse_.row(a).begin(), inverse_.row(a).end(), grown.row(a).begin());
    add_scaled(grown.row(n).first(a + 1), -solved_[a] / pivot, std::as_const(inverse_).row(a).first(a + 1));
  }
  grown(n, n) = 1 / pivot;
  inverse_ = std::move(grown);
  inverse_transposed_ = transposed(inverse_);
  for (std::size_t f = 0; f < features_.size(); ++f) columns_[f].push_back(x[f]);
  for (std::vector<double>* room : {&squared_, &kernel_, &solved_, &slope_}) room->resize(n + 1);
}

}  // namespace atelier
