#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "framework/records/sweep_folder.h"
#include "sweeps/search_space.h"
#include "sweeps/sweep_spec.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// A value for every parameter of the search space that counts, from assignments "KEY=VALUE". Throws `UsageError` for
/// what is missing, does not count or is not in the space.
Parameters parameters_from(const SearchSpace& space, const std::vector<std::string>& assignments);

/// What became of a trial that a person wants.
struct Enqueued {
  std::int64_t number = 0;  ///< Of its first seed.
  bool was_there = false;   ///< Some trial has these parameters already.
};

/// Adds a trial that a person wants to a sweep, whatever its sampler: running workers take it. Throws `UsageError` for
/// parameters that the trials do not take.
Enqueued enqueue(const SweepSpec& spec, const SweepFolder& folder, TrialRunner& runner, const Parameters& parameters);

}  // namespace atelier
