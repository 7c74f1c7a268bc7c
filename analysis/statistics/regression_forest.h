#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <vector>

#include "framework/core/random.h"

namespace atelier {

/// One input of a table, cut into cells: the range of a number into stretches of equal width on its scale, or one cell
/// a choice.
struct Axis {
  std::size_t cells = 1;  ///< 1 to 64.
  bool ordered = true;    ///< Whether neighbouring cells are alike: numbers, not choices.
};

/// What was tried and what came out. `cells[axis][row]` is below the axis' number of cells, or `absent` where the row
/// does not have this input.
struct CellTable {
  static constexpr std::uint8_t absent = 255;
  std::vector<Axis> axes;
  std::vector<std::vector<std::uint8_t>> cells;
  std::vector<double> values;  ///< One a row, finite.

  /// What decides whether a row has an input: the cell of another one is among these.
  struct Gate {
    std::size_t axis = 0;
    std::uint64_t open = 0;  ///< One bit a cell.
  };
  std::map<std::size_t, Gate> gates;  ///< By axis, where it is known.
};

/// A tree that says which value to expect in which cells.
///
/// A split is on one axis: cells of `left` go left, all others right. Rows without an input are never split by it, so
/// an input that only some rows have counts only below splits that leave just those rows: where its condition holds.
/// Where its gate is known, splitting by the gate is worth what splitting behind it would be: a choice that does
/// nothing by itself may still open what matters. Source: Breiman, Random Forests, Machine Learning 45, 2001; choices
/// are split in the order of their means, which is best for squared errors (Fisher 1958, in Breiman et al.,
/// Classification and Regression Trees, 1984, section 4.2).
class RegressionTree {
 public:
  struct Options {
    std::size_t smallest_leaf = 2;  ///< Rows of a leaf at least.
    std::size_t axes_tried = 0;     ///< Drawn anew at each split; 0: five in six, as Hutter et al. (ICML 2014) have it.
  };
  /// What lies below one end of the tree: the box of cells, as one bit a cell for each axis.
  struct Leaf {
    std::vector<std::uint64_t> box;
    double value = 0;
  };

  /// Fitted to rows of the table, which may repeat.
  RegressionTree(const CellTable& table, std::vector<std::uint32_t> rows, const Options& options,
                 CounterRandom& random);

  /// `point` holds a cell for each axis. One that is absent goes where the tree never asks.
  double predict(std::span<const std::uint8_t> point) const;
  std::vector<Leaf> leaves() const;

 private:
  struct Node {
    std::int32_t axis = -1;  ///< -1: a leaf.
    std::uint32_t left = 0, right = 0;
    std::uint64_t mask = 0;  ///< Cells that go left.
    double value = 0;
  };
  struct Split;

  std::uint32_t grow(std::span<std::uint32_t> rows);
  Split best_split(std::span<const std::uint32_t> rows, std::size_t axis);
  Split gate_split(std::span<const std::uint32_t> rows, std::size_t axis);

  const CellTable* table_;  ///< While it grows.
  const Options* options_;
  CounterRandom* random_;
  std::vector<Axis> axes_;
  std::vector<Node> nodes_;
};

}  // namespace atelier
