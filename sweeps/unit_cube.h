#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "sweeps/search_space.h"

namespace atelier {

/// A search space as numbers, for samplers that compute with points: one coordinate a dimension, in [0, 1], as
/// `Dimension::position` gives it, NaN where the trial does not have the dimension.
class UnitCube {
 public:
  using Point = std::vector<double>;

  explicit UnitCube(const SearchSpace& space);

  struct Axis {
    bool choice = false;
    std::int64_t cells = 0;    ///< How many different values; 0: a continuous range.
    bool conditional = false;  ///< Whether some points do not have it.
    /// The ends of the cells of ordered values, cells + 1 numbers from 0 to 1; empty for continuous ranges and choices.
    std::vector<double> edges;

    /// The cell a coordinate lies in.
    std::int64_t cell(double u) const;
    double middle(std::int64_t cell) const;
  };
  const std::vector<Axis>& axes() const { return axes_; }
  std::size_t size() const { return axes_.size(); }

  /// Moves the coordinates of values that are counted to the middle of their cell, and those that such a point does not
  /// have to NaN. Coordinates that are NaN on the way in and turn out to count are set by `fill`, a value in [0, 1).
  template <class Fill>
  void settle(std::span<double> point, Fill&& fill) const {
    for (std::size_t i = 0; i < axes_.size(); ++i) {
      if (axes_[i].conditional && !active(i, point)) {
        point[i] = missing;
        continue;
      }
      if (!(point[i] == point[i])) point[i] = fill(i);
      if (axes_[i].cells > 0) point[i] = axes_[i].middle(axes_[i].cell(point[i]));
    }
  }
  /// The same for points all of whose coordinates are set.
  void settle(std::span<double> point) const {
    settle(point, [](std::size_t) { return 0.5; });
  }

  /// Whether a point has a dimension, judged by the coordinates before it.
  bool active(std::size_t axis, std::span<const double> point) const;

  Parameters parameters(std::span<const double> point) const;
  /// None when the parameters are not of this space: one is missing, or not among the choices (the sweep was once
  /// another).
  std::optional<Point> point(const Parameters& parameters) const;

 private:
  static const double missing;
  struct Requirement {
    std::size_t axis;         ///< That must have one of the values.
    std::vector<bool> cells;  ///< By cell, when its values are counted.
    const Condition* condition;
  };
  const SearchSpace& space_;
  std::vector<Axis> axes_;
  std::vector<std::vector<Requirement>> requirements_;
};

/// Points that are spread over the unit cube: every coordinate hits each of `count` equal slices once; of several such
/// designs the one whose nearest two points are farthest apart.
/// Source: McKay, Beckman and Conover, Technometrics 1979; Johnson, Moore and Ylvisaker, "Minimax and maximin distance
/// designs", J. Statistical Planning and Inference 1990.
std::vector<UnitCube::Point> latin_hypercube(std::size_t count, std::size_t dimensions, std::uint64_t seed);

}  // namespace atelier
