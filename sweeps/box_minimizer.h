#pragma once

#include <functional>
#include <span>
#include <vector>

namespace atelier {

/// A function to be made small: its value at x, with its gradient there written to `gradient`. A value that is not
/// finite is a step too far.
using DifferentiableFunction = std::function<double(std::span<const double> x, std::span<double> gradient)>;

struct BoxMinimizerOptions {
  int iterations = 50;
  double tolerance = 1e-6;       ///< Ends when no free component of the gradient is larger.
  double least_decrease = 1e-9;  ///< Or when an iteration gains less than this.
  double first_step = 0.1;       ///< Length of the first step, when nothing is known of the curvature.
};

struct BoxMinimum {
  std::vector<double> x;
  double value = 0;
};

/// A local minimum between `lower` and `upper`, from x on, by limited-memory BFGS whose steps are cut to the box; what
/// is at a bound and would leave rests. The value never gets worse than at the start. Source: Nocedal and Wright,
/// "Numerical optimization", 2nd edition, algorithms 7.4 and 7.5; Bertsekas, "Projected Newton methods", SIAM J.
/// Control and Optimization 1982, for the resting components.
BoxMinimum minimize_in_box(const DifferentiableFunction& function, std::vector<double> x, std::span<const double> lower,
                           std::span<const double> upper, const BoxMinimizerOptions& options = {});

}  // namespace atelier
