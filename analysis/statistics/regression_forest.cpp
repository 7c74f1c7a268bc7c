#include "analysis/statistics/regression_forest.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace atelier {
namespace {

constexpr std::size_t most_cells = 64;

std::uint64_t all_cells(std::size_t cells) { return cells >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << cells) - 1; }

}  // namespace

struct RegressionTree::Split {
  double gain = 0;  ///< By how much the sum of squared errors falls.
  std::size_t axis = 0;
  std::uint64_t mask = 0;
};

RegressionTree::RegressionTree(const CellTable& table, std::vector<std::uint32_t> rows, const Options& options,
                               CounterRandom& random)
    : table_(&table), options_(&options), random_(&random), axes_(table.axes) {
  grow(rows);
  table_ = nullptr;
  options_ = nullptr;
  random_ = nullptr;
}

std::uint32_t RegressionTree::grow(std::span<std::uint32_t> rows) {
  const auto place = static_cast<std::uint32_t>(nodes_.size());
  nodes_.emplace_back();
  double sum = 0, squares = 0;
  for (const std::uint32_t row : rows) {
    sum += table_->values[row];
    squares += table_->values[row] * table_->values[row];
  }
  const auto n = static_cast<double>(rows.size());
  nodes_[place].value = sum / n;
  const double error = squares - sum * sum / n;
  if (rows.size() < 2 * options_->smallest_leaf || !(error > 1e-12 * squares)) return place;

  // Some axes, drawn without replacement; when none of them can split, the others have their turn.
  std::array<std::uint16_t, 4096> order_space;
  const std::size_t axes = std::min(axes_.size(), order_space.size());
  const std::span<std::uint16_t> order(order_space.data(), axes);
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  const std::size_t tried = options_->axes_tried ? options_->axes_tried : (5 * axes + 5) / 6;
  Split best;
  for (std::size_t i = 0; i < axes && (i < tried || best.gain <= 0); ++i) {
    std::swap(order[i], order[i + random_->below(axes - i)]);
    const Split split = best_split(rows, order[i]);
    if (split.gain > best.gain) best = split;
  }
  if (best.gain <= 1e-9 * error) return place;

  const std::vector<std::uint8_t>& cells = table_->cells[best.axis];
  const auto middle =
      std::partition(rows.begin(), rows.end(), [&](std::uint32_t row) { return best.mask >> cells[row] & 1; });
  const auto count = static_cast<std::size_t>(middle - rows.begin());
  const std::uint32_t left = grow(rows.first(count));
  const std::uint32_t right = grow(rows.subspan(count));
  nodes_[place].axis = static_cast<std::int32_t>(best.axis);
  nodes_[place].mask = best.mask;
  nodes_[place].left = left;
  nodes_[place].right = right;
  return place;
}

RegressionTree::Split RegressionTree::best_split(std::span<const std::uint32_t> rows, std::size_t axis) {
  std::array<double, most_cells> sums{};
  std::array<std::uint32_t, most_cells> counts{};
  const std::vector<std::uint8_t>& cells = table_->cells[axis];
  for (const std::uint32_t row : rows) {
    if (cells[row] == CellTable::absent) return gate_split(rows, axis);
    sums[cells[row]] += table_->values[row];
    ++counts[cells[row]];
  }
  std::array<std::uint8_t, most_cells> order;  // Of the cells that have rows.
  std::size_t used = 0;
  double total = 0;
  for (std::size_t cell = 0; cell < axes_[axis].cells; ++cell) {
    if (counts[cell] == 0) continue;
    order[used++] = static_cast<std::uint8_t>(cell);
    total += sums[cell];
  }
  const bool ordered = axes_[axis].ordered;
  if (!ordered) {
    std::sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(used),
              [&](std::size_t a, std::size_t b) { return sums[a] / counts[a] < sums[b] / counts[b]; });
  }
  const auto n = static_cast<double>(rows.size());
  Split best{0, axis, 0};
  std::size_t after = 0;
  double left_sum = 0, left_count = 0;
  for (std::size_t i = 0; i + 1 < used; ++i) {
    left_sum += sums[order[i]];
    left_count += counts[order[i]];
    const auto least = static_cast<double>(options_->smallest_leaf);
    if (left_count < least || n - left_count < least) continue;
    const double right_sum = total - left_sum;
    const double gain = left_sum * left_sum / left_count + right_sum * right_sum / (n - left_count) - total * total / n;
    if (gain > best.gain) {
      best.gain = gain;
      after = i;
    }
  }
  if (best.gain <= 0) return best;
  if (ordered) {
    // Anywhere in the gap between the two cells: over many trees the jump becomes a slope.
    const std::size_t gap = order[after + 1] - order[after];
    const std::size_t last = order[after] + random_->below(gap);
    best.mask = all_cells(last + 1);
  } else {
    for (std::size_t i = 0; i <= after; ++i) best.mask |= std::uint64_t{1} << order[i];
    for (std::size_t cell = 0; cell < axes_[axis].cells; ++cell) {
      if (counts[cell] == 0 && random_->below(2)) best.mask |= std::uint64_t{1} << cell;
    }
  }
  return best;
}

/// Of an axis that not all of the rows have: the split by its gate, worth what it and the best split behind it gain
/// together.
RegressionTree::Split RegressionTree::gate_split(std::span<const std::uint32_t> rows, std::size_t axis) {
  const auto found = table_->gates.find(axis);
  if (found == table_->gates.end()) return {};
  const auto [gate, open] = found->second;
  std::vector<std::uint32_t> with;
  double sum = 0, sum_with = 0;
  for (const std::uint32_t row : rows) {
    const std::uint8_t cell = table_->cells[gate][row];
    if (cell == CellTable::absent) return {};  // The gate has a gate of its own, which comes first.
    sum += table_->values[row];
    if (!(open >> cell & 1)) continue;
    if (table_->cells[axis][row] == CellTable::absent) return {};
    sum_with += table_->values[row];
    with.push_back(row);
  }
  const auto n = static_cast<double>(rows.size()), n_with = static_cast<double>(with.size());
  const auto least = static_cast<double>(options_->smallest_leaf);
  if (n_with < least || n - n_with < least) return {};
  const double sum_without = sum - sum_with;
  const double opening = sum_with * sum_with / n_with + sum_without * sum_without / (n - n_with) - sum * sum / n;
  return {opening + best_split(with, axis).gain, gate, open};
}

double RegressionTree::predict(std::span<const std::uint8_t> point) const {
  const Node* node = nodes_.data();
  while (node->axis >= 0) {
    const std::uint8_t cell = point[static_cast<std::size_t>(node->axis)];
    const bool left = cell < most_cells && (node->mask >> cell & 1);
    node = &nodes_[left ? node->left : node->right];
  }
  return node->value;
}

std::vector<RegressionTree::Leaf> RegressionTree::leaves() const {
  std::vector<std::uint64_t> whole;
  for (const Axis& axis : axes_) whole.push_back(all_cells(axis.cells));
  std::vector<Leaf> result;
  std::vector<std::pair<std::uint32_t, std::vector<std::uint64_t>>> rest;
  rest.emplace_back(0, std::move(whole));
  while (!rest.empty()) {
    auto [place, box] = std::move(rest.back());
    rest.pop_back();
    const Node& node = nodes_[place];
    if (node.axis < 0) {
      result.push_back({std::move(box), node.value});
      continue;
    }
    const auto axis = static_cast<std::size_t>(node.axis);
    std::vector<std::uint64_t> left = box;
    left[axis] &= node.mask;
    box[axis] &= ~node.mask;
    rest.emplace_back(node.right, std::move(box));
    rest.emplace_back(node.left, std::move(left));
  }
  return result;
}

}  // namespace atelier
