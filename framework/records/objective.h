#pragma once

#include <string>

namespace atelier {

/// A metric that decides which trial is better.
struct Objective {
  std::string metric;
  bool maximize = false;

  bool operator==(const Objective&) const = default;
  bool better(double a, double b) const { return maximize ? a > b : a < b; }
  /// The value in the form in which smaller is better.
  double cost(double value) const { return maximize ? -value : value; }
};

}  // namespace atelier
