#include "sweeps/samplers/trial_ranking.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

#include "sweeps/pareto.h"

namespace atelier {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Whether a is at least as good everywhere.
bool no_worse(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
  }
  return true;
}

/// Moves the trials that no other dominates to the front of a range in lexicographic order; both parts keep that order.
std::vector<RankedTrial>::iterator peel(std::vector<RankedTrial>::iterator begin,
                                        std::vector<RankedTrial>::iterator end) {
  // In this order a trial can only be dominated by one before it, and then also by one of the front.
  std::vector<RankedTrial> front, rest;
  for (auto trial = begin; trial != end; ++trial) {
    const std::vector<double>& values = *trial->values;
    const auto dominates = [&](const RankedTrial& other) {
      return no_worse(*other.values, values) && *other.values != values;
    };
    // With two objectives the last of the front has the lowest second one, and decides alone.
    const bool dominated = values.size() == 2 ? !front.empty() && dominates(front.back())
                                              : std::any_of(front.begin(), front.end(), dominates);
    (dominated ? rest : front).push_back(*trial);
  }
  std::copy(rest.begin(), rest.end(), std::copy(front.begin(), front.end(), begin));
  return begin + static_cast<std::ptrdiff_t>(front.size());
}

/// What `point` adds to the volume of `others`.
double contribution(const std::vector<double>& point, const std::vector<std::vector<double>>& others,
                    std::span<const double> reference) {
  double volume = 1;
  for (std::size_t i = 0; i < point.size(); ++i) volume *= std::max(0.0, reference[i] - point[i]);
  std::vector<std::vector<double>> inside;
  for (const std::vector<double>& other : others) {
    std::vector<double> corner(point.size());
    for (std::size_t i = 0; i < point.size(); ++i) corner[i] = std::max(point[i], other[i]);
    inside.push_back(std::move(corner));
  }
  return volume - hypervolume(std::move(inside), reference);
}

/// Orders a front so that each of its first `count` adds the most to the hypervolume of those before it.
void order_by_hypervolume(std::vector<RankedTrial>::iterator begin, std::vector<RankedTrial>::iterator end,
                          std::size_t count) {
  const std::size_t objectives = begin->values->size();
  // The reference is a tenth of the front's extent behind its worst values, so that its ends count but not for ever.
  std::vector<double> reference(objectives), lowest(objectives);
  for (std::size_t k = 0; k < objectives; ++k) {
    double low = infinity, high = -infinity;
    for (auto trial = begin; trial != end; ++trial) {
      const double value = (*trial->values)[k];
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
    reference[k] = high > low ? high + 0.1 * (high - low) : (std::isfinite(high) ? high : 0) + 1;
    lowest[k] = std::isfinite(low) ? low : reference[k] - 1;
  }
  struct Candidate {
    RankedTrial trial;
    std::vector<double> point;
    double gain;
  };
  std::vector<Candidate> left;
  for (auto trial = begin; trial != end; ++trial) {
    std::vector<double> point = *trial->values;
    for (std::size_t k = 0; k < objectives; ++k) {
      if (!std::isfinite(point[k])) point[k] = point[k] > 0 ? reference[k] : lowest[k];
    }
    left.push_back({*trial, std::move(point), infinity});
  }
  std::vector<std::vector<double>> chosen;
  auto place = begin;
  // What a point adds only falls as others are chosen, so a known gain is a bound: most need not be computed again.
  for (; chosen.size() < count && !left.empty(); ++place) {
    std::size_t best = left.size();
    double gain = -infinity;
    for (std::size_t i = 0; i < left.size(); ++i) {
      if (left[i].gain <= gain) continue;
      left[i].gain = contribution(left[i].point, chosen, reference);
      if (left[i].gain > gain) gain = left[i].gain, best = i;
    }
    if (best == left.size()) best = 0;
    *place = left[best].trial;
    chosen.push_back(std::move(left[best].point));
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(best));
  }
  for (const Candidate& candidate : left) *place++ = candidate.trial;
}

}  // namespace

std::optional<Standing> standing(const Trial& trial, std::int64_t objectives) {
  if (trial.state != TrialState::finished && trial.state != TrialState::pruned) return std::nullopt;
  // A pruned trial may have been ended before its other objectives were measured.
  const std::size_t needed = trial.state == TrialState::pruned ? 1 : static_cast<std::size_t>(objectives);
  if (trial.values.size() < needed) return std::nullopt;
  if (!trial.feasible()) {
    double sum = 0;
    for (const double violation : trial.violations) sum += std::isnan(violation) ? infinity : std::max(0.0, violation);
    return Standing{.tier = Standing::Tier::infeasible, .first = sum};
  }
  if (trial.state == TrialState::finished) return Standing{.tier = Standing::Tier::finished, .first = trial.values[0]};
  return Standing{.tier = Standing::Tier::pruned,
                  .first = trial.curve.empty() ? infinity : -trial.curve.back().first,
                  .second = trial.values[0]};
}

void rank_best(std::vector<RankedTrial>& trials, std::size_t count, std::int64_t objectives) {
  count = std::min(count, trials.size());
  const auto front = trials.begin() + static_cast<std::ptrdiff_t>(count);
  if (objectives == 1) {
    // The index last, so that equal values have one order.
    std::partial_sort(trials.begin(), front, trials.end(), [](const RankedTrial& a, const RankedTrial& b) {
      return std::tie(a.standing, a.index) < std::tie(b.standing, b.index);
    });
    return;
  }
  const auto others = std::stable_partition(
      trials.begin(), trials.end(), [](const RankedTrial& t) { return t.standing.tier == Standing::Tier::finished; });
  std::sort(others, trials.end(), [](const RankedTrial& a, const RankedTrial& b) {
    return std::tie(a.standing, a.index) < std::tie(b.standing, b.index);
  });
  std::sort(trials.begin(), others, [](const RankedTrial& a, const RankedTrial& b) {
    return std::tie(*a.values, a.index) < std::tie(*b.values, b.index);
  });
  for (auto begin = trials.begin(); begin < others && begin < front;) {
    const auto end = peel(begin, others);
    order_by_hypervolume(begin, end, static_cast<std::size_t>(std::min(front, end) - begin));
    begin = end;
  }
}

}  // namespace atelier
