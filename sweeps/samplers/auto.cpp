#include <algorithm>
#include <limits>

#include "sweeps/sampler.h"

namespace atelier {
namespace {

/// What the choice depends on. How parameters depend on each other, how many are choices and how many objectives there
/// are does not: the Gaussian process was ahead with all of them in tests/benchmarks/search_quality.
struct Situation {
  std::size_t dimensions = 0;  ///< Constants not counted.
  std::int64_t trials = 0;     ///< How many there will be; 0: not known.
};

struct Rule {
  const char* sampler;
  std::int64_t trials;  ///< The sampler chooses so many, those after them are tpe's.
  bool (*fits)(const Situation&);
};

constexpr std::int64_t all_trials = std::numeric_limits<std::int64_t>::max();

// The first that fits. A Gaussian process needs the fewest trials, but some ten milliseconds for each, more with many
// trials and parameters; the Parzen estimator needs a fraction of one. Who plans thousands of trials has short ones.
constexpr Rule rules[] = {
    {"tpe", all_trials, [](const Situation& s) { return s.dimensions > 40 || s.trials > 1000; }},
    {"gp", 250, [](const Situation&) { return true; }},
};

class AutoSampler : public Sampler {
 public:
  AutoSampler(const SearchSpace& space, const SamplerContext& context) {
    Situation situation{.trials = context.trials};
    for (const Dimension& dimension : space.dimensions()) situation.dimensions += dimension.cells() != 1;
    const Rule& rule =
        *std::find_if(std::begin(rules), std::end(rules), [&](const Rule& r) { return r.fits(situation); });
    first_ = make_sampler(rule.sampler, space, context);
    trials_ = rule.trials;
    rest_ = make_sampler("tpe", space, context);
  }

  // By the number, not by how many have ended: all workers agree on it.
  std::optional<Suggestion> suggest(std::int64_t number, const History& history) const override {
    return (number < trials_ ? first_ : rest_)->suggest(number, history);
  }
  bool learns() const override { return true; }

 private:
  std::unique_ptr<Sampler> first_;
  std::int64_t trials_ = 0;
  std::unique_ptr<Sampler> rest_;
};

}  // namespace

std::unique_ptr<SamplerOptions> auto_sampler() { return std::make_unique<NoSamplerOptions<AutoSampler>>(); }

}  // namespace atelier
