#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sweeps/search_space.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// Chooses the parameters of each trial. The choice is a function of (seed, trial number) and, for samplers that learn,
/// of the finished trials: any worker that asks gets the same answer.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// `number` counts from 0.
  virtual Parameters parameters(std::int64_t number) const = 0;
  /// How many different trials there are; 0: without end.
  virtual std::int64_t limit() const { return 0; }
};

std::vector<std::string_view> sampler_names();

struct SamplerOptions {
  std::int64_t seed = 0;
  std::int64_t grid_points = 5;  ///< Values a grid takes of a continuous range.
};

/// Throws `Error` for a name that is not in the catalog. The space must outlive the sampler.
std::unique_ptr<Sampler> make_sampler(std::string_view name, const SearchSpace& space, const SamplerOptions& options);

/// What the catalog names; one function a file.
std::unique_ptr<Sampler> make_grid_sampler(const SearchSpace& space, const SamplerOptions& options);
std::unique_ptr<Sampler> make_random_sampler(const SearchSpace& space, const SamplerOptions& options);

}  // namespace atelier
