#include <algorithm>
#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/random.h"
#include "sweeps/pareto.h"
#include "sweeps/samplers/population_options.h"
#include "sweeps/unit_cube.h"

namespace atelier {
namespace {

constexpr std::uint64_t population_stream = 0xb07;

/// Population-based training. Trial number = generation * population + member; each goes on from the checkpoint of an
/// earlier one, its `parent`.
///
/// The first generation is a Latin hypercube. After that a member goes on with its own parameters, unless its last
/// trial was in the worst quarter of its generation or failed: then it takes over a member of the best quarter
/// (exploit) and perturbs its parameters (explore). A trial can be chosen when every trial of the generation before has
/// ended. Where all of those failed, the member begins anew.
///
/// Source: Jaderberg et al., "Population based training of neural networks", arXiv 1711.09846, 2017: truncation
/// selection, perturbation by 0.8 or 1.25.
class PopulationSampler : public Sampler {
 public:
  PopulationSampler(const SearchSpace& space, const SamplerContext& context, std::int64_t population)
      : space_(space), context_(context), cube_(space) {
    if (population != 0 && population < 2) {
      throw UsageError(format("population = {}: pbt needs at least 2, so that one can learn from another", population));
    }
    population_ = population > 0 ? population : 8;
    design_ =
        latin_hypercube(static_cast<std::size_t>(population_), cube_.size(), static_cast<std::uint64_t>(context.seed));
  }

  bool learns() const override { return true; }

  std::optional<Suggestion> suggest(std::int64_t number, const History& history) const override {
    const std::int64_t member = number % population_, generation = number / population_;
    if (generation == 0) return Suggestion{.parameters = cube_.parameters(design_[static_cast<std::size_t>(member)])};

    CounterRandom random(static_cast<std::uint64_t>(context_.seed), population_stream,
                         static_cast<std::uint64_t>(number));
    std::vector<const Trial*> before;
    for (std::int64_t i = 0; i < population_; ++i) {
      const Trial* trial = history.find((generation - 1) * population_ + i);
      if (!trial || trial->state == TrialState::waiting || trial->state == TrialState::running) return std::nullopt;
      before.push_back(trial);
    }
    std::vector<const Trial*> ranked;  // without the failed, which have no checkpoint worth going on from
    for (const std::size_t i : order_of_merit(before)) {
      if (before[i]->state != TrialState::failed && cube_.point(before[i]->parameters)) ranked.push_back(before[i]);
    }
    if (ranked.empty()) {
      UnitCube::Point point(cube_.size());
      for (double& u : point) u = random.uniform();
      return Suggestion{.parameters = cube_.parameters(point)};
    }
    const Trial* const own = before[static_cast<std::size_t>(member)];
    const auto quarter = static_cast<std::size_t>(std::max<std::int64_t>(1, population_ / 4));
    const auto place = static_cast<std::size_t>(std::find(ranked.begin(), ranked.end(), own) - ranked.begin());
    // Places are counted with the failed behind, so a generation with many of them replaces those and no more.
    const bool worst = place == ranked.size() || place >= static_cast<std::size_t>(population_) - quarter;
    if (!worst) return Suggestion{.parameters = own->parameters, .parent = own->number};
    const Trial* const better = ranked[random.below(std::min(quarter, ranked.size()))];
    return Suggestion{.parameters = explored(better->parameters, random), .parent = better->number};
  }

 private:
  /// Numbers times 0.8 or 1.25, at least to the next value where they are counted; choices drawn anew one time in four.
  Parameters explored(const Parameters& from, CounterRandom& random) const {
    UnitCube::Point point = *cube_.point(from);
    for (std::size_t i = 0; i < point.size(); ++i) {
      const Dimension& dimension = space_.dimensions()[i];
      const UnitCube::Axis& axis = cube_.axes()[i];
      const double drawn = random.uniform();
      const bool up = random.bits() & 1;
      if (std::isnan(point[i]) || axis.cells == 1) continue;
      if (axis.choice) {
        if (random.uniform() < 0.25) point[i] = drawn;
        continue;
      }
      const double value = find(from, dimension.key)->number();
      // Around 0 a factor means nothing: there the range is the measure.
      const double moved = dimension.low >= 0 && value > 0
                               ? value * (up ? 1.25 : 0.8)
                               : value + (up ? 0.1 : -0.1) * (dimension.high - dimension.low);
      const double u = dimension.position(Value(moved));
      if (axis.cells == 0) {
        point[i] = u;
        continue;
      }
      std::int64_t cell = axis.cell(u);
      if (cell == axis.cell(point[i])) cell = std::clamp<std::int64_t>(cell + (up ? 1 : -1), 0, axis.cells - 1);
      point[i] = axis.middle(cell);
    }
    cube_.settle(point, [&](std::size_t) { return random.uniform(); });
    return cube_.parameters(point);
  }

  const SearchSpace& space_;
  SamplerContext context_;
  UnitCube cube_;
  std::int64_t population_ = 0;
  std::vector<UnitCube::Point> design_;
};

}  // namespace

std::unique_ptr<SamplerOptions> population_sampler() {
  return std::make_unique<PopulationOptions<PopulationSampler>>();
}

}  // namespace atelier
