#include <algorithm>

#include "sweeps/sampler.h"

namespace atelier {
namespace {

/// What the choice depends on.
struct Situation {
  bool conditional = false;     ///< Some parameters are not in all trials.
  bool several = false;         ///< More than one objective.
  std::size_t dimensions = 0;
  std::int64_t trials = 0;      ///< 0: not known.
  double choices = 0;           ///< The share of parameters that are choices, constants not counted.
};

struct Rule {
  const char* sampler;
  bool (*fits)(const Situation&);
};

// The first that fits. A Gaussian process needs the fewest trials where few parameters of one fixed set decide, and pays for
// it with the cube of their number; the Parzen estimator takes everything.
constexpr Rule rules[] = {
    {"tpe", [](const Situation& s) { return s.conditional || s.several; }},
    {"tpe", [](const Situation& s) { return s.choices > 0.5 || s.dimensions > 20; }},
    {"gp", [](const Situation& s) { return s.trials > 0 && s.trials <= 300; }},
    {"tpe", [](const Situation&) { return true; }},
};

Situation situation_of(const SearchSpace& space, const SamplerOptions& options) {
  Situation situation{.conditional = space.conditional(), .several = options.objectives > 1, .trials = options.trials};
  std::size_t choices = 0;
  for (const Dimension& dimension : space.dimensions()) {
    if (dimension.cells() == 1) continue;
    ++situation.dimensions;
    choices += dimension.kind == Dimension::Kind::choice;
  }
  if (situation.dimensions > 0) situation.choices = static_cast<double>(choices) / static_cast<double>(situation.dimensions);
  return situation;
}

}  // namespace

std::unique_ptr<Sampler> make_auto_sampler(const SearchSpace& space, const SamplerOptions& options) {
  const Situation situation = situation_of(space, options);
  const std::vector<std::string_view> names = sampler_names();
  const auto rule = std::find_if(std::begin(rules), std::end(rules), [&](const Rule& r) {
    return r.fits(situation) && std::find(names.begin(), names.end(), r.sampler) != names.end();
  });
  return make_sampler(rule->sampler, space, options);
}

}  // namespace atelier
