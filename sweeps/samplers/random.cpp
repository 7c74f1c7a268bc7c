#include "framework/core/random.h"
#include "sweeps/sampler.h"

namespace atelier {
namespace {

constexpr std::uint64_t random_sampler_stream = 0x5a3;

/// Independent draws, each evenly over its range's scale.
/// Source: Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012.
class RandomSampler : public Sampler {
 public:
  RandomSampler(const SearchSpace& space, const SamplerOptions& options) : space_(space), seed_(options.seed) {}

  std::optional<Suggestion> suggest(std::int64_t number, const History&) const override {
    CounterRandom random(static_cast<std::uint64_t>(seed_), random_sampler_stream, static_cast<std::uint64_t>(number));
    std::vector<double> point(space_.dimensions().size());
    for (double& coordinate : point) coordinate = random.uniform();
    return Suggestion{.parameters = space_.at(point)};
  }

 private:
  const SearchSpace& space_;
  std::int64_t seed_;
};

}  // namespace

std::unique_ptr<Sampler> make_random_sampler(const SearchSpace& space, const SamplerOptions& options) {
  return std::make_unique<RandomSampler>(space, options);
}

}  // namespace atelier
