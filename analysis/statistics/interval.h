#pragma once

#include <cstddef>

namespace atelier {

/// A number that was estimated from `n` others, and between what it lies.
struct Interval {
  double middle = 0;         ///< The estimate itself.
  double low = 0, high = 0;  ///< Both included; NaN where so few numbers give none.
  std::size_t n = 0;

  bool known() const { return low <= high; }
  bool holds(double value) const { return low <= value && value <= high; }
};

/// How sure all intervals of a report are, unless they say otherwise.
constexpr double confidence = 0.95;

}  // namespace atelier
