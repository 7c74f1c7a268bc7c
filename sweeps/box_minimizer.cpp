#include "sweeps/box_minimizer.h"

#include <algorithm>
#include <cmath>
#include <deque>

#include "sweeps/linear_algebra.h"

namespace atelier {
namespace {

/// The newest steps and how the gradient changed over them.
class Curvature {
 public:
  void remember(std::vector<double> step, std::vector<double> change) {
    const double product = dot(step, change);
    if (product <= 1e-10 * std::sqrt(dot(step, step) * dot(change, change))) return;  // would not be positive definite
    if (pairs_.size() == 8) pairs_.pop_front();
    pairs_.push_back({std::move(step), std::move(change), 1 / product});
  }
  void forget() { pairs_.clear(); }
  bool empty() const { return pairs_.empty(); }

  /// The inverse Hessian times a vector, in its place: the two loops.
  void multiply(std::vector<double>& v) const {
    std::vector<double> factors(pairs_.size());
    for (std::size_t i = pairs_.size(); i-- > 0;) {
      factors[i] = pairs_[i].rho * dot(pairs_[i].step, v);
      add_scaled(v, -factors[i], pairs_[i].change);
    }
    const Pair& newest = pairs_.back();
    const double scale = 1 / (newest.rho * dot(newest.change, newest.change));
    for (double& x : v) x *= scale;
    for (std::size_t i = 0; i < pairs_.size(); ++i) {
      add_scaled(v, factors[i] - pairs_[i].rho * dot(pairs_[i].change, v), pairs_[i].step);
    }
  }

 private:
  struct Pair {
    std::vector<double> step, change;
    double rho;
  };
  std::deque<Pair> pairs_;
};

}  // namespace

BoxMinimum minimize_in_box(const DifferentiableFunction& function, std::vector<double> x, std::span<const double> lower,
                           std::span<const double> upper, const BoxMinimizerOptions& options) {
  const std::size_t n = x.size();
  std::vector<double> gradient(n), direction(n), next(n), next_gradient(n);
  double value = function(x, gradient);
  Curvature curvature;
  for (int iteration = 0; iteration < options.iterations && std::isfinite(value); ++iteration) {
    double largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const bool rests = (x[i] <= lower[i] && gradient[i] > 0) || (x[i] >= upper[i] && gradient[i] < 0);
      direction[i] = rests ? 0 : -gradient[i];
      largest = std::max(largest, std::fabs(direction[i]));
    }
    if (largest < options.tolerance) break;
    const std::vector<double> descent = direction;
    if (!curvature.empty()) {
      curvature.multiply(direction);
      for (std::size_t i = 0; i < n; ++i) {
        if (descent[i] == 0) direction[i] = 0;
      }
      if (!(dot(direction, gradient) < 0)) {
        curvature.forget();
        direction = descent;
      }
    }
    double length = 1;
    if (curvature.empty()) length = options.first_step / std::sqrt(dot(direction, direction));
    double next_value = value;
    bool moved = false;
    for (int attempt = 0; attempt < 20; ++attempt, length *= 0.4) {
      double slope = 0;
      for (std::size_t i = 0; i < n; ++i) {
        next[i] = std::clamp(x[i] + length * direction[i], lower[i], upper[i]);
        slope += gradient[i] * (next[i] - x[i]);
      }
      if (!(slope < 0)) break;
      next_value = function(next, next_gradient);
      if (std::isfinite(next_value) && next_value <= value + 1e-4 * slope) {
        moved = true;
        break;
      }
    }
    if (!moved) {
      if (curvature.empty()) break;
      curvature.forget();  // the model misled us: once more along the gradient
      continue;
    }
    std::vector<double> step(n), change(n);
    for (std::size_t i = 0; i < n; ++i) {
      step[i] = next[i] - x[i];
      change[i] = next_gradient[i] - gradient[i];
    }
    curvature.remember(std::move(step), std::move(change));
    const double gain = value - next_value;
    x.swap(next);
    gradient.swap(next_gradient);
    value = next_value;
    if (gain < options.least_decrease) break;
  }
  return {.x = std::move(x), .value = value};
}

}  // namespace atelier
