#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "sweeps/sampler.h"
#include "sweeps/sweep_state.h"

namespace atelier {

/// Says which parameters a setting gets, so that no two are the same.
///
/// A sampler that does not learn is followed in its order, leaving out what was tried already; since that order is the
/// same for everybody, so is each setting's choice, whoever is killed on the way. A sampler that learns is asked when
/// the setting is begun, and a choice that was tried already is replaced by a random one that was not.
class Planner {
 public:
  /// The references must outlive the planner.
  Planner(const Sampler& sampler, const SearchSpace& space, const SweepState& state, std::int64_t seeds,
          std::int64_t seed);

  /// None when nothing can be chosen: `exhausted` then says whether that is for good.
  std::optional<Suggestion> choose(std::int64_t setting);
  bool exhausted() const { return exhausted_; }

  /// Another choice for a setting, when somebody else took `refused` at the same moment. `attempt` counts from 1. None
  /// when nothing is left that nobody has.
  std::optional<Suggestion> choose_another(std::int64_t setting, std::int64_t attempt, const Parameters& refused);

 private:
  std::optional<Suggestion> planned(std::int64_t setting);
  std::optional<Suggestion> anything_new(std::int64_t setting, std::int64_t attempt);
  bool taken_by_another(const Parameters& parameters, std::int64_t setting) const;

  const Sampler& sampler_;
  const SearchSpace& space_;
  const SweepState& state_;
  const std::int64_t seeds_;
  const std::int64_t size_;  // of the space; 0: endless
  std::unique_ptr<Sampler> random_;
  struct Planned {
    std::optional<Suggestion> suggestion;
    std::int64_t cursor;  // of the sampler, before it
  };
  std::vector<Planned> plan_;                              // by setting
  std::unordered_map<std::string, std::int64_t> in_plan_;  // by parameters as text
  std::unordered_set<std::string> refused_;                // since the last choice, by parameters as text
  std::int64_t cursor_ = 0;
  bool exhausted_ = false;
};

}  // namespace atelier
