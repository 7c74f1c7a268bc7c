#include "sweeps/pareto.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace atelier {

std::vector<std::vector<std::size_t>> non_dominated_fronts(std::span<const std::vector<double>> points) {
  const std::size_t count = points.size();
  std::vector<std::vector<std::size_t>> beaten(count);
  std::vector<std::size_t> beaten_by(count);
  for (std::size_t i = 0; i < count; ++i) {
    for (std::size_t j = i + 1; j < count; ++j) {
      if (dominates(points[i], points[j])) {
        beaten[i].push_back(j);
        ++beaten_by[j];
      } else if (dominates(points[j], points[i])) {
        beaten[j].push_back(i);
        ++beaten_by[i];
      }
    }
  }
  std::vector<std::vector<std::size_t>> fronts;
  std::vector<std::size_t> front;
  for (std::size_t i = 0; i < count; ++i) {
    if (beaten_by[i] == 0) front.push_back(i);
  }
  while (!front.empty()) {
    std::vector<std::size_t> next;
    for (const std::size_t i : front) {
      for (const std::size_t j : beaten[i]) {
        if (--beaten_by[j] == 0) next.push_back(j);
      }
    }
    std::sort(next.begin(), next.end());
    fronts.push_back(std::move(front));
    front = std::move(next);
  }
  return fronts;
}

std::vector<double> crowding_distances(std::span<const std::vector<double>> points,
                                       std::span<const std::size_t> front) {
  std::vector<double> distances(front.size());
  if (front.empty()) return distances;
  std::vector<std::size_t> order(front.size());
  for (std::size_t objective = 0; objective < points[front[0]].size(); ++objective) {
    const auto value = [&](std::size_t place) { return points[front[place]][objective]; };
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return value(a) < value(b); });
    distances[order.front()] = distances[order.back()] = std::numeric_limits<double>::infinity();
    const double extent = value(order.back()) - value(order.front());
    if (!(extent > 0) || !std::isfinite(extent)) continue;
    for (std::size_t i = 1; i + 1 < order.size(); ++i) {
      distances[order[i]] += (value(order[i + 1]) - value(order[i - 1])) / extent;
    }
  }
  return distances;
}

namespace {

/// `points` are all below the reference in their first `objectives` values.
double volume(std::vector<std::span<const double>> points, std::span<const double> reference, std::size_t objectives) {
  if (points.empty()) return 0;
  const std::size_t last = objectives - 1;
  std::stable_sort(points.begin(), points.end(), [&](auto a, auto b) { return a[last] < b[last]; });
  if (objectives == 1) return reference[0] - points.front()[0];
  double sum = 0;
  if (objectives == 2) {
    // A staircase: from the lowest second value up, each point adds the strip to the left of all before it.
    double left = reference[0];
    for (std::size_t i = 0; i < points.size(); ++i) {
      left = std::min(left, points[i][0]);
      const double above = i + 1 < points.size() ? points[i + 1][1] : reference[1];
      sum += (reference[0] - left) * (above - points[i][1]);
    }
    return sum;
  }
  for (std::size_t i = 0; i < points.size(); ++i) {
    const double above = i + 1 < points.size() ? points[i + 1][last] : reference[last];
    if (above == points[i][last]) continue;
    sum += (above - points[i][last]) *
           volume({points.begin(), points.begin() + static_cast<std::ptrdiff_t>(i) + 1}, reference, last);
  }
  return sum;
}

}  // namespace

double hypervolume(std::span<const std::vector<double>> points, std::span<const double> reference) {
  std::vector<std::span<const double>> inside;
  for (const std::vector<double>& point : points) {
    if (std::equal(point.begin(), point.end(), reference.begin(), [](double a, double b) { return a < b; }))
      inside.emplace_back(point);
  }
  return volume(std::move(inside), reference, reference.size());
}

namespace {

/// How far a trial came, in units of what it spends.
double reached(const Trial& trial) { return trial.curve.empty() ? 0 : trial.curve.back().first; }

double missed(const Trial& trial) {
  double sum = 0;
  for (const double violation : trial.violations) sum += std::max(0.0, violation);
  return sum;
}

/// Appends trials that are sorted by `before`, those of equal rank as one front.
template <class Before>
void append_sorted(std::vector<std::vector<std::size_t>>& fronts, std::vector<std::size_t> members, Before before) {
  std::stable_sort(members.begin(), members.end(), before);
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i == 0 || before(members[i - 1], members[i])) fronts.emplace_back();
    fronts.back().push_back(members[i]);
  }
}

void append_by_domination(std::vector<std::vector<std::size_t>>& fronts, std::span<const Trial* const> trials,
                          const std::vector<std::size_t>& members) {
  if (members.empty()) return;
  if (trials[members.front()]->values.size() == 1) {
    append_sorted(fronts, members,
                  [&](std::size_t a, std::size_t b) { return trials[a]->values[0] < trials[b]->values[0]; });
    return;
  }
  std::vector<std::vector<double>> values;
  for (const std::size_t i : members) values.push_back(trials[i]->values);
  for (std::vector<std::size_t> front : non_dominated_fronts(values)) {
    for (std::size_t& i : front) i = members[i];
    fronts.push_back(std::move(front));
  }
}

}  // namespace

std::vector<std::vector<std::size_t>> fronts_of_merit(std::span<const Trial* const> trials) {
  std::vector<std::size_t> finished, pruned, infeasible, failed;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    const Trial& trial = *trials[i];
    if (trial.state == TrialState::waiting || trial.state == TrialState::running) continue;
    (trial.state == TrialState::failed || trial.values.empty() ? failed
     : !trial.feasible()                                       ? infeasible
     : trial.state == TrialState::pruned                       ? pruned
                                                               : finished)
        .push_back(i);
  }
  std::vector<std::vector<std::size_t>> fronts;
  append_by_domination(fronts, trials, finished);
  std::vector<std::vector<std::size_t>> by_reach;
  append_sorted(by_reach, pruned,
                [&](std::size_t a, std::size_t b) { return reached(*trials[a]) > reached(*trials[b]); });
  for (const std::vector<std::size_t>& alike : by_reach) append_by_domination(fronts, trials, alike);
  append_sorted(fronts, infeasible,
                [&](std::size_t a, std::size_t b) { return missed(*trials[a]) < missed(*trials[b]); });
  if (!failed.empty()) fronts.push_back(failed);
  return fronts;
}

std::vector<std::size_t> order_of_merit(std::span<const Trial* const> trials) {
  std::vector<std::vector<double>> values;
  for (const Trial* trial : trials) values.push_back(trial->values);
  std::vector<std::size_t> order;
  for (const std::vector<std::size_t>& front : fronts_of_merit(trials)) {
    const std::vector<double> alone = crowding_distances(values, front);
    std::vector<std::size_t> places(front.size());
    std::iota(places.begin(), places.end(), std::size_t{0});
    std::stable_sort(places.begin(), places.end(), [&](std::size_t a, std::size_t b) {
      if (alone[a] != alone[b]) return alone[a] > alone[b];
      return trials[front[a]]->number < trials[front[b]]->number;
    });
    for (const std::size_t place : places) order.push_back(front[place]);
  }
  return order;
}

}  // namespace atelier
