#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "analysis/comparison.h"
#include "analysis/statistics/interval.h"
#include "analysis/statistics/rank_bootstrap.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// The trials of one setting, which differ in nothing but the seed: how good it is, and how sure that is.
struct Replicates {
  std::vector<std::size_t> trials;           ///< Indices of those that can be ranked, ascending.
  std::map<std::string, Interval> measured;  ///< By objective: Student's interval of the mean; none of one seed.
  bool feasible = true;
  /// Its place among the settings that hold their constraints; none where the spread over seeds is not known.
  std::optional<RankRange> rank;
};

/// All settings with a ranked trial, best first.
std::vector<Replicates> replicates(const Comparison& comparison);

/// A setting and one measure of it: the mean over those of its seeds that finished on the same data with a finite
/// value.
struct MeasuredSetting {
  std::vector<std::size_t> trials;  ///< Those seeds, ascending.
  double value = 0;
};

/// One for each setting that has the measure, by first trial, so that seeds do not count as trials of their own.
std::vector<MeasuredSetting> measured_settings(const Comparison& comparison, const std::string& metric);

/// {"TRIAL": {OBJECTIVE: {"mean", "low", "high", "n"}}} for settings with several seeds, and {"TRIAL": {"low", "high",
/// "best"}}. TRIAL is the place of a trial among those compared, counted from 0.
Json intervals_json(const std::vector<Replicates>& settings);
Json ranks_json(const std::vector<Replicates>& settings);

}  // namespace atelier
