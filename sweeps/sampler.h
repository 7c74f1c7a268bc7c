#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sweeps/search_space.h"
#include "sweeps/trial.h"

namespace atelier {

/// What a sampler chose for one trial.
struct Suggestion {
  Parameters parameters;
  /// The trial whose last checkpoint this one begins from; none: from the start.
  std::optional<std::int64_t> parent;
};

/// Chooses the parameters of each trial. The choice is a function of (seed, trial number, history) alone: any worker
/// that asks with the same history gets the same answer. Trials of the history that are still running count as such:
/// their parameters are known, their values are not.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// `number` counts from 0. None when nothing can be chosen before other trials have ended, or when all there is has
  /// been tried.
  virtual std::optional<Suggestion> suggest(std::int64_t number, const History& history) const = 0;
  /// How many different trials there are; 0: without end.
  virtual std::int64_t limit() const { return 0; }
  /// Whether the choice depends on the history.
  virtual bool learns() const { return false; }
};

std::vector<std::string_view> sampler_names();
/// What one is, in a sentence; empty for a name that is not in the catalog.
std::string_view sampler_summary(std::string_view name);

struct SamplerOptions {
  std::int64_t seed = 0;
  std::int64_t trials = 0;       ///< How many there will be; 0: not known. Some samplers plan with it.
  std::int64_t objectives = 1;   ///< How many values a trial has.
  std::int64_t grid_points = 5;  ///< Values a grid takes of a continuous range.
  std::int64_t population = 0;   ///< Of cma-es, nsga2 and pbt; 0: the sampler's own choice.
};

/// Throws `UsageError` for a name that is not in the catalog, and when the sampler cannot work on this space or with
/// this number of objectives. The space must outlive the sampler.
std::unique_ptr<Sampler> make_sampler(std::string_view name, const SearchSpace& space, const SamplerOptions& options);

/// What the catalog names; one function a file.
std::unique_ptr<Sampler> make_auto_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_cma_es_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_gaussian_process_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_grid_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_nsga2_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_population_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_random_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_sobol_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_tpe_sampler(const SearchSpace& space, const SamplerOptions& options);

}  // namespace atelier
