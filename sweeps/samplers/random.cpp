#include "framework/core/random.h"
#include "sweeps/sampler.h"

namespace atelier {
namespace {

constexpr std::uint64_t random_sampler_stream = 0x5a3;

/// Independent draws, each evenly over its range's scale.
/// Source: Bergstra and Bengio, "Random search for hyper-parameter optimization", JMLR 2012.
class RandomSampler : public Sampler {
 public:
  RandomSampler(const SearchSpace& space, const SamplerContext& context) : space_(space), seed_(context.seed) {}

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

std::unique_ptr<SamplerOptions> random_sampler() { return std::make_unique<NoSamplerOptions<RandomSampler>>(); }

}  // namespace atelier
