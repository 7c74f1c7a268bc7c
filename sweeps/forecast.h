#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "sweeps/sampler.h"
#include "sweeps/search_space.h"
#include "sweeps/sweep_spec.h"

namespace atelier {

/// What a sweep would still run.
struct Forecast {
  struct Entry {
    std::int64_t number = 0;
    Parameters parameters;
    std::optional<std::int64_t> seed;  ///< Of the trial, in sweeps with several seeds.
    std::optional<TrialState> state;   ///< Of a trial that was begun and has not ended; none for a new one.
  };
  std::vector<Entry> trials;  ///< Those that are known already, by number.
  std::int64_t unchosen = 0;  ///< More trials, which a sampler that learns will choose as the sweep goes.
  std::int64_t ended = 0;     ///< Trials with a result.
  double mean_seconds = 0;    ///< Of a finished trial; 0 when none has finished.

  std::int64_t left() const { return static_cast<std::int64_t>(trials.size()) + unchosen; }
};

/// Looks at a sweep's folder, which need not exist, and makes nothing. `first_seed`: that of a setting's first run.
Forecast forecast(const SweepSpec& spec, const SearchSpace& space, const Sampler& sampler,
                  const std::filesystem::path& folder, std::int64_t first_seed);

}  // namespace atelier
