#include "sweeps/sampler.h"

#include "framework/core/error.h"

namespace atelier {
namespace {

struct CatalogEntry {
  std::string_view name;
  std::unique_ptr<Sampler> (*make)(const SearchSpace&, const SamplerOptions&);
  std::string_view summary;
};

// The catalog: one line a sampler.
constexpr CatalogEntry catalog[] = {
    {"auto", make_auto_sampler, "chooses one of these by space and budget (the default)"},
    {"cma-es", make_cma_es_sampler, "covariance matrix adaptation; numbers alone, many trials"},
    {"gp", make_gaussian_process_sampler, "Gaussian process; smooth spaces, up to about a hundred trials"},
    {"grid", make_grid_sampler, "every combination"},
    {"nsga2", make_nsga2_sampler, "an evolving population; several objectives"},
    {"pbt", make_population_sampler, "population-based training: trials copy the best and vary it while they run"},
    {"random", make_random_sampler, "independent draws"},
    {"sobol", make_sobol_sampler, "scrambled Sobol points: random, but evenly spread"},
    {"tpe", make_tpe_sampler, "tree-structured Parzen estimator; any space, also with conditions"},
};

}  // namespace

std::vector<std::string_view> sampler_names() {
  std::vector<std::string_view> names;
  for (const CatalogEntry& entry : catalog) names.push_back(entry.name);
  return names;
}

std::string_view sampler_summary(std::string_view name) {
  for (const CatalogEntry& entry : catalog) {
    if (entry.name == name) return entry.summary;
  }
  return {};
}

std::unique_ptr<Sampler> make_sampler(std::string_view name, const SearchSpace& space, const SamplerOptions& options) {
  for (const CatalogEntry& entry : catalog) {
    if (entry.name == name) return entry.make(space, options);
  }
  throw UsageError("there is no sampler " + std::string(name));
}

}  // namespace atelier
