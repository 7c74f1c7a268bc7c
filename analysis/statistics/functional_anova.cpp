#include "analysis/statistics/functional_anova.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "framework/core/random.h"

namespace atelier {
namespace {

constexpr std::size_t bags = 32, trees_a_bag = 5, points = 384;
constexpr std::size_t most_paired = 5;    ///< Inputs whose pairs are looked at.
constexpr std::size_t coarse_cells = 16;  ///< Of an axis, in pairs.
constexpr std::uint64_t rows_stream = 0x726f7773, trees_stream = 0x74726565, points_stream = 0x706f696e;

/// Values far outside, moved to the fences: 2.5 % at each end, but at least one value, do not decide where those are.
/// (Quartiles would not do: where a sampler has learnt, most values are alike, and the few that show what matters lie
/// outside.)
std::vector<double> fenced(std::vector<double> values) {
  std::vector<double> sorted = values;
  std::sort(sorted.begin(), sorted.end());
  const std::size_t ends = std::max<std::size_t>(1, sorted.size() / 40);
  if (sorted.size() < 8) return values;
  const double low = sorted[ends], high = sorted[sorted.size() - 1 - ends];
  if (!(high > low)) return values;
  for (double& value : values) value = std::clamp(value, low - (high - low), high + (high - low));
  return values;
}

/// The same number estimated once a bag, of which only the mean and the spread are kept.
struct Spread {
  double sum = 0, squares = 0;
  void add(double value) {
    sum += value;
    squares += value * value;
  }
  double mean() const { return sum / bags; }
  double variance() const { return std::max(0.0, (squares - sum * sum / bags) / (bags - 1)); }
  /// The square of what is estimated, without the variance that is left of drawing bags.
  double square() const { return mean() * mean() - variance() / bags; }
};

double spread_of(const std::array<double, bags>& values) {
  Spread spread;
  for (const double value : values) spread.add(value);
  return std::sqrt(spread.variance());
}

/// Points that fill the space evenly: along each axis every cell has its share of them (a Latin hypercube).
std::vector<std::vector<std::uint8_t>> even_points(const std::vector<Axis>& axes, std::uint64_t key) {
  std::vector<std::vector<std::uint8_t>> result(points, std::vector<std::uint8_t>(axes.size()));
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    const Permutation order(points, key, axis);
    for (std::size_t i = 0; i < points; ++i) {
      result[i][axis] = static_cast<std::uint8_t>(order(i) * axes[axis].cells / points);
    }
  }
  return result;
}

class Analysis {
 public:
  explicit Analysis(const CellTable& table)
      : table_(table),
        inputs_(table.axes.size()),
        out_of_bag_(table.values.size()),
        marginals_(inputs_),
        weights_(inputs_),
        at_points_(points),
        moved_(inputs_, std::vector<Spread>(points)) {
    table_.values = fenced(table.values);
    for (std::size_t axis = 0; axis < inputs_; ++axis) {
      const std::size_t cells = table.axes[axis].cells;
      marginals_[axis].resize(cells);
      for (std::size_t cell = 0; cell < cells; ++cell)
        weights_[axis][cell * groups(axis) / cells] += 1.0 / static_cast<double>(cells);
    }
    bag_totals_.resize(inputs_);
  }

  FunctionalAnova run() {
    const auto here = even_points(table_.axes, points_stream), there = even_points(table_.axes, points_stream + 1);
    forests_.reserve(bags);
    for (std::size_t bag = 0; bag < bags; ++bag) {
      grow(bag);
      add_marginals(forests_.back());
      add_points(bag, here, there);
    }
    FunctionalAnova result;
    double variance = 0;
    for (const Spread& spread : at_points_) variance += spread.square() / points;
    double in_bags = 0;
    for (const double value : bag_variances_) in_bags += value / bags;
    // Nothing is left but noise where the corrected variance is a tiny share of the uncorrected one.
    if (variance < 1e-3 * in_bags) variance = 0;
    for (std::size_t axis = 0; axis < inputs_; ++axis) result.inputs.push_back(input(axis, variance));
    add_pairs(result, variance);
    add_explained(result);
    return result;
  }

 private:
  using Forest = std::vector<RegressionTree>;

  void grow(std::size_t bag) {
    const std::size_t n = table_.values.size();
    std::vector<std::uint32_t> rows(n);
    std::vector<bool> used(n, false);
    CounterRandom random(0, rows_stream, bag);
    for (std::uint32_t& row : rows) {
      row = static_cast<std::uint32_t>(random.below(n));
      used[row] = true;
    }
    Forest forest;
    for (std::size_t tree = 0; tree < trees_a_bag; ++tree) {
      CounterRandom splits(0, trees_stream, bag * trees_a_bag + tree);
      forest.emplace_back(table_, rows, RegressionTree::Options{.smallest_leaf = std::max<std::size_t>(2, n / 200)},
                          splits);
    }
    std::vector<std::uint8_t> point(inputs_);
    for (std::size_t row = 0; row < n; ++row) {
      if (used[row]) continue;
      for (std::size_t axis = 0; axis < inputs_; ++axis) point[axis] = table_.cells[axis][row];
      out_of_bag_[row].first += predict(forest, point);
      out_of_bag_[row].second += 1;
    }
    forests_.push_back(std::move(forest));
  }

  static double predict(const Forest& forest, std::span<const std::uint8_t> point) {
    double sum = 0;
    for (const RegressionTree& tree : forest) sum += tree.predict(point);
    return sum / static_cast<double>(forest.size());
  }

  /// The share of an axis that a leaf covers.
  double length(const RegressionTree::Leaf& leaf, std::size_t axis) const {
    return static_cast<double>(std::popcount(leaf.box[axis])) / static_cast<double>(table_.axes[axis].cells);
  }

  double volume(const RegressionTree::Leaf& leaf) const {
    double volume = 1;
    for (std::size_t axis = 0; axis < inputs_; ++axis) volume *= length(leaf, axis);
    return volume;
  }

  /// Of each axis what the forest expects in each cell, all others averaged over.
  void add_marginals(const Forest& forest) {
    std::vector<std::vector<double>> marginals(inputs_);
    for (std::size_t axis = 0; axis < inputs_; ++axis) marginals[axis].resize(table_.axes[axis].cells, 0.0);
    for (const RegressionTree& tree : forest) {
      for (const RegressionTree::Leaf& leaf : tree.leaves()) {
        const double part = leaf.value * volume(leaf) / static_cast<double>(forest.size());
        for (std::size_t axis = 0; axis < inputs_; ++axis) {
          const double amount = part / length(leaf, axis);
          for (std::uint64_t left = leaf.box[axis]; left; left &= left - 1) {
            marginals[axis][static_cast<std::size_t>(std::countr_zero(left))] += amount;
          }
        }
      }
    }
    for (std::size_t axis = 0; axis < inputs_; ++axis) {
      const double mean = std::accumulate(marginals[axis].begin(), marginals[axis].end(), 0.0) /
                          static_cast<double>(marginals[axis].size());
      for (std::size_t cell = 0; cell < marginals[axis].size(); ++cell) {
        marginals_[axis][cell].add(marginals[axis][cell] - mean);
      }
      mean_ = mean;  // The same for all axes.
    }
    means_ += mean_ / bags;
  }

  void add_points(std::size_t bag, const std::vector<std::vector<std::uint8_t>>& here,
                  const std::vector<std::vector<std::uint8_t>>& there) {
    const Forest& forest = forests_[bag];
    std::array<double, points> expected;
    for (std::size_t i = 0; i < points; ++i) expected[i] = predict(forest, here[i]);
    const double mean = std::accumulate(expected.begin(), expected.end(), 0.0) / points;
    double variance = 0;
    for (std::size_t i = 0; i < points; ++i) {
      at_points_[i].add(expected[i] - mean);
      variance += (expected[i] - mean) * (expected[i] - mean) / points;
    }
    bag_variances_[bag] = variance;
    std::vector<std::uint8_t> point;
    for (std::size_t axis = 0; axis < inputs_; ++axis) {
      double total = 0;
      for (std::size_t i = 0; i < points; ++i) {
        point = here[i];
        point[axis] = there[i][axis];
        const double difference = point[axis] == here[i][axis] ? 0 : predict(forest, point) - expected[i];
        moved_[axis][i].add(difference);
        total += difference * difference / (2 * points);
      }
      bag_totals_[axis][bag] = variance > 0 ? total / variance : 0;
    }
  }

  FunctionalAnova::Input input(std::size_t axis, double variance) const {
    FunctionalAnova::Input result;
    double alone = 0, total = 0;
    for (const Spread& cell : marginals_[axis]) {
      alone += cell.square() / static_cast<double>(marginals_[axis].size());
      result.effect.push_back(means_ + cell.mean());
      result.spread.push_back(std::sqrt(cell.variance()));
    }
    for (const Spread& point : moved_[axis]) total += point.square() / (2 * points);
    if (variance > 0) {
      result.total = std::clamp(total / variance, 0.0, 1.0);
      result.alone = std::clamp(alone / variance, 0.0, result.total);
      const double half = 1.959963984540054 * spread_of(bag_totals_[axis]);
      result.low = std::max(0.0, result.total - half);
      result.high = std::min(1.0, result.total + half);
    } else {
      result.high = 1;
    }
    return result;
  }

  /// How much of each coarse cell of an axis a leaf covers, over the axis' share that it covers at all.
  std::array<double, coarse_cells> cover(const RegressionTree::Leaf& leaf, std::size_t axis) const {
    std::array<double, coarse_cells> result{};
    const std::size_t cells = table_.axes[axis].cells;
    for (std::uint64_t left = leaf.box[axis]; left; left &= left - 1) {
      result[static_cast<std::size_t>(std::countr_zero(left)) * groups(axis) / cells] += 1;
    }
    const double scale = static_cast<double>(cells) * length(leaf, axis);
    for (std::size_t group = 0; group < groups(axis); ++group) result[group] /= weight(axis, group) * scale;
    return result;
  }

  void add_pairs(FunctionalAnova& result, double variance) const {
    std::vector<std::size_t> order(inputs_);
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t a, std::size_t b) { return result.inputs[a].total > result.inputs[b].total; });
    order.resize(std::min(order.size(), most_paired));
    if (order.size() < 2 || !(variance > 0)) return;
    std::sort(order.begin(), order.end());
    std::vector<std::vector<Spread>> pairs(order.size() * order.size(),
                                           std::vector<Spread>(coarse_cells * coarse_cells));
    for (const Forest& forest : forests_) add_pairs_of(forest, order, pairs);
    for (std::size_t a = 0; a < order.size(); ++a) {
      for (std::size_t b = a + 1; b < order.size(); ++b) {
        double share = 0;
        for (std::size_t i = 0; i < groups(order[a]); ++i) {
          for (std::size_t j = 0; j < groups(order[b]); ++j) {
            share +=
                pairs[a * order.size() + b][i * coarse_cells + j].square() * weight(order[a], i) * weight(order[b], j);
          }
        }
        result.pairs.push_back({order[a], order[b], std::clamp(share / variance, 0.0, 1.0)});
      }
    }
    std::stable_sort(result.pairs.begin(), result.pairs.end(),
                     [](const auto& a, const auto& b) { return a.share > b.share; });
  }

  std::size_t groups(std::size_t axis) const { return std::min(table_.axes[axis].cells, coarse_cells); }

  /// The share of an axis that one of its coarse cells is.
  double weight(std::size_t axis, std::size_t group) const { return weights_[axis][group]; }

  void add_pairs_of(const Forest& forest, const std::vector<std::size_t>& order,
                    std::vector<std::vector<Spread>>& pairs) const {
    std::vector<std::array<double, coarse_cells * coarse_cells>> joint(pairs.size());
    for (auto& table : joint) table.fill(0);
    std::vector<std::array<double, coarse_cells>> covers(order.size());
    for (const RegressionTree& tree : forest) {
      for (const RegressionTree::Leaf& leaf : tree.leaves()) {
        const double part = leaf.value * volume(leaf) / static_cast<double>(forest.size());
        for (std::size_t a = 0; a < order.size(); ++a) covers[a] = cover(leaf, order[a]);
        for (std::size_t a = 0; a < order.size(); ++a) {
          for (std::size_t b = a + 1; b < order.size(); ++b) {
            auto& table = joint[a * order.size() + b];
            for (std::size_t i = 0; i < coarse_cells; ++i) {
              const double amount = part * covers[a][i];
              if (amount == 0) continue;
              for (std::size_t j = 0; j < coarse_cells; ++j) table[i * coarse_cells + j] += amount * covers[b][j];
            }
          }
        }
      }
    }
    for (std::size_t a = 0; a < order.size(); ++a) {
      for (std::size_t b = a + 1; b < order.size(); ++b) {
        subtract_marginals(joint[a * order.size() + b], order[a], order[b]);
        for (std::size_t i = 0; i < coarse_cells * coarse_cells; ++i) {
          pairs[a * order.size() + b][i].add(joint[a * order.size() + b][i]);
        }
      }
    }
  }

  /// Leaves what neither axis explains alone.
  void subtract_marginals(std::array<double, coarse_cells * coarse_cells>& joint, std::size_t a, std::size_t b) const {
    std::array<double, coarse_cells> rows{}, columns{};
    double mean = 0;
    for (std::size_t i = 0; i < groups(a); ++i) {
      for (std::size_t j = 0; j < groups(b); ++j) {
        rows[i] += joint[i * coarse_cells + j] * weight(b, j);
        columns[j] += joint[i * coarse_cells + j] * weight(a, i);
        mean += joint[i * coarse_cells + j] * weight(a, i) * weight(b, j);
      }
    }
    for (std::size_t i = 0; i < groups(a); ++i) {
      for (std::size_t j = 0; j < groups(b); ++j) joint[i * coarse_cells + j] += mean - rows[i] - columns[j];
    }
  }

  void add_explained(FunctionalAnova& result) const {
    double error = 0, variance = 0, mean = 0, n = 0;
    for (std::size_t row = 0; row < out_of_bag_.size(); ++row) {
      const auto [sum, count] = out_of_bag_[row];
      result.predicted.push_back(count > 0 ? sum / count : std::nan(""));
      if (count == 0) continue;
      mean += table_.values[row];
      n += 1;
    }
    mean /= std::max(n, 1.0);
    for (std::size_t row = 0; row < out_of_bag_.size(); ++row) {
      if (out_of_bag_[row].second == 0) continue;
      const double value = table_.values[row];
      error += (value - result.predicted[row]) * (value - result.predicted[row]);
      variance += (value - mean) * (value - mean);
    }
    result.explained = variance > 0 ? 1 - error / variance : 0;
  }

  CellTable table_;
  std::size_t inputs_;
  std::vector<Forest> forests_;
  std::vector<std::pair<double, double>>
      out_of_bag_;                              ///< Sum and count of predictions by forests that did not see a row.
  std::vector<std::vector<Spread>> marginals_;  ///< By axis and cell, less the mean.
  std::vector<std::array<double, coarse_cells>> weights_;  ///< By axis and coarse cell.
  std::vector<Spread> at_points_;                          ///< Less the mean over all points.
  std::vector<std::vector<Spread>> moved_;                 ///< By axis and point: what moving along the axis changes.
  std::vector<std::array<double, bags>> bag_totals_;
  std::array<double, bags> bag_variances_{};
  double mean_ = 0, means_ = 0;
};

}  // namespace

FunctionalAnova functional_anova(const CellTable& table) {
  if (table.values.empty() || table.axes.empty() || table.cells.size() != table.axes.size()) {
    throw std::invalid_argument("functional_anova: a table without rows or inputs");
  }
  for (std::size_t axis = 0; axis < table.axes.size(); ++axis) {
    if (table.axes[axis].cells < 1 || table.axes[axis].cells > 64 || table.cells[axis].size() != table.values.size()) {
      throw std::invalid_argument("functional_anova: an axis has 1 to 64 cells, and a cell for each row");
    }
  }
  return Analysis(table).run();
}

}  // namespace atelier
