#include "sweeps/sampler.h"

#include "framework/core/error.h"

namespace atelier {
namespace {

struct CatalogEntry {
  std::string_view name;
  std::unique_ptr<Sampler> (*make)(const SearchSpace&, const SamplerOptions&);
};

// The catalog: one line a sampler.
constexpr CatalogEntry catalog[] = {
    {"auto", make_auto_sampler},
    {"cma-es", make_cma_es_sampler},
    {"gp", make_gaussian_process_sampler},
    {"grid", make_grid_sampler},
    {"nsga2", make_nsga2_sampler},
    {"pbt", make_population_sampler},
    {"random", make_random_sampler},
    {"sobol", make_sobol_sampler},
    {"tpe", make_tpe_sampler},
};

}  // namespace

std::vector<std::string_view> sampler_names() {
  std::vector<std::string_view> names;
  for (const CatalogEntry& entry : catalog) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Sampler> make_sampler(std::string_view name, const SearchSpace& space, const SamplerOptions& options) {
  for (const CatalogEntry& entry : catalog) {
    if (entry.name == name) return entry.make(space, options);
  }
  throw UsageError("there is no sampler " + std::string(name));
}

}  // namespace atelier
