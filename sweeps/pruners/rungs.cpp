#include "sweeps/pruners/rungs.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "framework/core/format.h"

namespace atelier {
namespace {

// Resources may be computed numbers: 0.1 * 3 has reached 0.3.
constexpr double just_below = 1 - 1e-9;

/// A trial at a rung.
struct Entry {
  double value;
  std::int64_t number;
  const Trial* trial;
};

/// NaN stands behind every number.
bool better(const Entry& a, const Entry& b) {
  const bool a_counts = !std::isnan(a.value), b_counts = !std::isnan(b.value);
  if (a_counts != b_counts) return a_counts;
  if (a_counts && a.value != b.value) return a.value < b.value;
  return a.number < b.number;
}

}  // namespace

double Rungs::resource(int rung) const { return min_ * std::pow(static_cast<double>(factor_), rung); }

int Rungs::highest(double reached) const {
  int rung = -1;
  for (double next = min_; next * just_below <= reached && (max_ == 0 || next < max_ * just_below);
       next = resource(rung + 1)) {
    ++rung;
  }
  return rung;
}

bool Rungs::waits(const Trial& trial) const {
  return trial.state == TrialState::pruned && trial.reason.starts_with(own_reason_);
}

std::optional<double> Rungs::value(const Trial& trial, double rung_resource) const {
  const double wanted = rung_resource * just_below;
  if (trial.curve.empty() || trial.curve.back().first < wanted) return std::nullopt;
  const auto found =
      std::lower_bound(trial.curve.begin(), trial.curve.end(), wanted,
                       [](const std::pair<double, double>& point, double at) { return point.first < at; });
  const bool lost = trial.state == TrialState::failed || (trial.state == TrialState::pruned && !waits(trial));
  return lost ? std::nan("") : found->second;
}

std::optional<std::string> Rungs::reason_to_end(const Trial& trial, double at, const History& history,
                                                const Members& members) const {
  // A record without the objective, after the one that was judged, changes nothing.
  if (trial.curve.empty() || at > trial.curve.back().first) return std::nullopt;
  const int rung = highest(trial.curve.back().first);
  const int before = trial.curve.size() > 1 ? highest((trial.curve.end() - 2)->first) : -1;
  if (rung <= before) return std::nullopt;
  const Entry own{trial.curve.back().second, trial.number, &trial};
  std::int64_t count = 1, ahead = 0;
  for (const Trial& other : history.trials) {
    if (other.number == trial.number || !members(other)) continue;
    const std::optional<double> theirs = value(other, resource(rung));
    if (!theirs) continue;
    ++count;
    ahead += better({*theirs, other.number, &other}, own);
  }
  const std::int64_t room = count / factor_;
  if (ahead < room && !std::isnan(own.value)) return std::nullopt;
  if (std::isnan(own.value)) return format("{}: its value at {} is not a number", name_, resource(rung));
  return format("{}: number {} of {} trial{} at {}, of which {} so far", name_, ahead + 1, count, count == 1 ? "" : "s",
                resource(rung),
                room == 0   ? "none goes on"
                : room == 1 ? "the best goes on"
                            : format("the best {} go on", room));
}

std::optional<std::int64_t> Rungs::to_continue(const History& history, const Members& members) const {
  double farthest = 0;
  bool any_waits = false;
  for (const Trial& trial : history.trials) {
    if (trial.curve.empty() || !members(trial)) continue;
    farthest = std::max(farthest, trial.curve.back().first);
    any_waits = any_waits || waits(trial);
  }
  if (!any_waits) return std::nullopt;
  std::vector<Entry> entries;
  for (int rung = highest(farthest); rung >= 0; --rung) {
    const double at = resource(rung);
    entries.clear();
    for (const Trial& trial : history.trials) {
      if (!members(trial)) continue;
      if (const std::optional<double> worth = value(trial, at)) entries.push_back({*worth, trial.number, &trial});
    }
    const auto best = entries.begin() + static_cast<std::ptrdiff_t>(entries.size()) / factor_;
    std::nth_element(entries.begin(), best, entries.end(), better);
    const Entry* chosen = nullptr;
    for (auto entry = entries.begin(); entry != best; ++entry) {
      const bool may =
          !std::isnan(entry->value) && waits(*entry->trial) && highest(entry->trial->curve.back().first) == rung;
      if (may && (!chosen || better(*entry, *chosen))) chosen = &*entry;
    }
    if (chosen) return chosen->number;
  }
  return std::nullopt;
}

}  // namespace atelier
