#include "sweeps/unit_cube.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "framework/core/random.h"

namespace atelier {
namespace {

constexpr std::uint64_t latin_hypercube_stream = 0x1a7;
constexpr std::int64_t most_edges = 4096;  // more different values than that are as good as a continuous range

/// The edges of the cells of counted values. Whole numbers on a logarithmic scale have cells of different widths.
std::vector<double> edges_of(const Dimension& dimension, std::int64_t cells) {
  std::vector<double> edges(static_cast<std::size_t>(cells) + 1);
  const double first = std::ceil(dimension.low);
  for (std::int64_t k = 0; k <= cells; ++k) {
    double edge = static_cast<double>(k) / static_cast<double>(cells);
    if (dimension.kind == Dimension::Kind::log) {
      const double low = std::log(dimension.low - 0.5), high = std::log(dimension.high + 0.5);
      edge = (std::log(first + static_cast<double>(k) - 0.5) - low) / (high - low);
    }
    edges[static_cast<std::size_t>(k)] = k == 0 ? 0 : k == cells ? 1 : edge;
  }
  return edges;
}

}  // namespace

const double UnitCube::missing = std::numeric_limits<double>::quiet_NaN();

UnitCube::UnitCube(const SearchSpace& space) : space_(space) {
  const std::vector<Dimension>& dimensions = space.dimensions();
  for (const Dimension& dimension : dimensions) {
    Axis axis{.choice = !dimension.ordered(),
              .cells = dimension.cells(),
              .conditional = !dimension.when.empty(),
              .edges = {}};
    if (!axis.choice && axis.cells > most_edges) axis.cells = 0;
    if (!axis.choice && axis.cells > 0) axis.edges = edges_of(dimension, axis.cells);
    axes_.push_back(std::move(axis));
    std::vector<Requirement> requirements;
    for (const Condition& condition : dimension.when) {
      const auto other = std::find_if(dimensions.begin(), dimensions.end(),
                                      [&](const Dimension& d) { return d.key == condition.key; });
      Requirement requirement{
          .axis = static_cast<std::size_t>(other - dimensions.begin()), .cells = {}, .condition = &condition};
      for (std::int64_t k = 0; k < axes_[requirement.axis].cells; ++k) {
        requirement.cells.push_back(condition.holds(other->at(axes_[requirement.axis].middle(k))));
      }
      requirements.push_back(std::move(requirement));
    }
    requirements_.push_back(std::move(requirements));
  }
}

std::int64_t UnitCube::Axis::cell(double u) const {
  if (edges.empty())
    return std::clamp(static_cast<std::int64_t>(u * static_cast<double>(cells)), std::int64_t{0}, cells - 1);
  const auto above = std::upper_bound(edges.begin(), edges.end(), u);
  return std::clamp(static_cast<std::int64_t>(above - edges.begin()) - 1, std::int64_t{0}, cells - 1);
}

double UnitCube::Axis::middle(std::int64_t cell) const {
  if (edges.empty()) return (static_cast<double>(cell) + 0.5) / static_cast<double>(cells);
  return 0.5 * (edges[static_cast<std::size_t>(cell)] + edges[static_cast<std::size_t>(cell) + 1]);
}

bool UnitCube::active(std::size_t axis, std::span<const double> point) const {
  return std::all_of(requirements_[axis].begin(), requirements_[axis].end(), [&](const Requirement& requirement) {
    const double u = point[requirement.axis];
    if (std::isnan(u)) return false;
    if (!requirement.cells.empty())
      return static_cast<bool>(requirement.cells[static_cast<std::size_t>(axes_[requirement.axis].cell(u))]);
    return requirement.condition->holds(space_.dimensions()[requirement.axis].at(u));
  });
}

Parameters UnitCube::parameters(std::span<const double> point) const {
  Point filled(point.begin(), point.end());
  // 1 itself belongs to the last value, as `Dimension::at` takes coordinates below 1.
  for (double& u : filled) u = std::isnan(u) ? 0.5 : std::clamp(u, 0.0, std::nextafter(1.0, 0.0));
  return space_.at(filled);
}

std::optional<UnitCube::Point> UnitCube::point(const Parameters& parameters) const {
  Point point(size(), missing);
  for (std::size_t i = 0; i < size(); ++i) {
    const Dimension& dimension = space_.dimensions()[i];
    if (!space_.active(dimension, parameters)) continue;
    const Value* value = find(parameters, dimension.key);
    if (!value) return std::nullopt;
    point[i] = dimension.position(*value);
    if (std::isnan(point[i])) return std::nullopt;
    if (axes_[i].cells > 0) point[i] = axes_[i].middle(axes_[i].cell(point[i]));
  }
  return point;
}

std::vector<UnitCube::Point> latin_hypercube(std::size_t count, std::size_t dimensions, std::uint64_t seed) {
  constexpr std::uint64_t designs = 32;
  std::vector<UnitCube::Point> best;
  double best_distance = -1;
  for (std::uint64_t design = 0; design < designs; ++design) {
    std::vector<UnitCube::Point> points(count, UnitCube::Point(dimensions));
    CounterRandom random(seed, latin_hypercube_stream, design);
    std::vector<std::size_t> slices(count);
    for (std::size_t j = 0; j < dimensions; ++j) {
      for (std::size_t i = 0; i < count; ++i) slices[i] = i;
      for (std::size_t i = count; i > 1; --i) std::swap(slices[i - 1], slices[random.below(i)]);
      for (std::size_t i = 0; i < count; ++i) {
        points[i][j] = (static_cast<double>(slices[i]) + random.uniform()) / static_cast<double>(count);
      }
    }
    double nearest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t k = 0; k < i; ++k) {
        double distance = 0;
        for (std::size_t j = 0; j < dimensions; ++j)
          distance += (points[i][j] - points[k][j]) * (points[i][j] - points[k][j]);
        nearest = std::min(nearest, distance);
      }
    }
    if (nearest > best_distance) {
      best_distance = nearest;
      best = std::move(points);
    }
  }
  return best;
}

}  // namespace atelier
