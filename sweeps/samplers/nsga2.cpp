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

constexpr std::uint64_t nsga2_stream = 0x25a;

// Distribution indices, where small ones make children that differ more from their parents, and how many coordinates of
// a child mutate. Deb's usual 20, 20 and 1 are for tens of thousands of evaluations; a sweep has hundreds.
constexpr double crossover_index = 5, mutation_index = 5, mutations = 1.5;

/// A child's coordinate between and around its parents', as likely near either; never outside [0, 1].
/// Source: Deb and Agrawal, "Simulated binary crossover for continuous search space", Complex Systems 1995; bounded as
/// in Deb et al., "A fast and elitist multiobjective genetic algorithm", 2002.
double simulated_binary_crossover(double one, double other, CounterRandom& random) {
  const double chance = random.uniform();
  const bool near_low = random.bits() & 1;
  const double low = std::min(one, other), high = std::max(one, other);
  if (high - low < 1e-14) return one;
  const double room = near_low ? low : 1 - high;
  const double alpha = 2 - std::pow(1 + 2 * room / (high - low), -(crossover_index + 1));
  const double spread =
      std::pow(chance <= 1 / alpha ? chance * alpha : 1 / (2 - chance * alpha), 1 / (crossover_index + 1));
  const double middle = 0.5 * (low + high), half = 0.5 * spread * (high - low);
  return std::clamp(near_low ? middle - half : middle + half, 0.0, 1.0);
}

/// Source: Deb and Goyal, "A combined genetic adaptive search (GeneAS) for engineering design", 1996; bounded as in Deb
/// et al. 2002.
double polynomial_mutation(double u, CounterRandom& random) {
  const double chance = random.uniform(), power = 1 / (mutation_index + 1);
  if (chance < 0.5) {
    return std::max(0.0, u + std::pow(2 * chance + (1 - 2 * chance) * std::pow(1 - u, mutation_index + 1), power) - 1);
  }
  return std::min(1.0, u + 1 - std::pow(2 * (1 - chance) + (2 * chance - 1) * std::pow(u, mutation_index + 1), power));
}

/// The non-dominated sorting genetic algorithm with constrained domination.
///
/// After a first population, a generation is a quarter of it: selecting often makes more of few trials (Durillo et al.,
/// "On the effect of the steady-state selection scheme in multi-objective genetic algorithms", EMO 2009). Generations
/// are made of trial numbers: each worker replays the history and gets the same parents. Those of one generation are
/// the best of all that has ended in the generations before, so a worker never waits for a slow trial; it joins the
/// parents once it has ended. Failed trials are no parents.
///
/// Source: Deb et al., "A fast and elitist multiobjective genetic algorithm: NSGA-II", IEEE Trans. Evol. Comput. 2002.
class Nsga2Sampler : public Sampler {
 public:
  Nsga2Sampler(const SearchSpace& space, const SamplerContext& context, std::int64_t population)
      : context_(context), cube_(space) {
    if (population != 0 && population < 4) {
      throw UsageError(format("population = {}: nsga2 needs at least 4", population));
    }
    // After a few hundred trials a population of 50 has hardly begun to select.
    const double trials = context.trials > 0 ? static_cast<double>(context.trials) : 200;
    population_ = population > 0 ? population : std::clamp<std::int64_t>(std::llround(0.7 * std::sqrt(trials)), 8, 50);
    generation_ = population_ / 4;
    design_ =
        latin_hypercube(static_cast<std::size_t>(population_), cube_.size(), static_cast<std::uint64_t>(context.seed));
  }

  bool learns() const override { return true; }

  std::optional<Suggestion> suggest(std::int64_t number, const History& history) const override {
    if (number < population_)
      return Suggestion{.parameters = cube_.parameters(design_[static_cast<std::size_t>(number)])};
    CounterRandom random(static_cast<std::uint64_t>(context_.seed), nsga2_stream, static_cast<std::uint64_t>(number));
    const std::vector<const Trial*> parents = survivors(number, history);
    Parameters parameters;
    constexpr int attempts = 30;  // to find something new; in a small space there may be nothing
    for (int attempt = 0; attempt < attempts; ++attempt) {
      parameters = cube_.parameters(child(parents, random));
      const bool known = std::any_of(history.trials.begin(), history.trials.end(), [&](const Trial& trial) {
        return trial.number != number && trial.parameters == parameters;
      });
      if (!known) break;
    }
    return Suggestion{.parameters = std::move(parameters)};
  }

 private:
  /// The best of the generations before a trial's, the best first.
  std::vector<const Trial*> survivors(std::int64_t number, const History& history) const {
    std::vector<const Trial*> best;
    auto trial = history.trials.begin();
    for (std::int64_t end = population_; end <= number; end += generation_) {
      std::vector<const Trial*> pool = best;
      for (; trial != history.trials.end() && trial->number < end; ++trial) {
        const bool ended = trial->state == TrialState::finished || trial->state == TrialState::pruned;
        if (ended && !trial->values.empty() && cube_.point(trial->parameters)) pool.push_back(&*trial);
      }
      best.clear();
      for (const std::size_t i : order_of_merit(pool)) {
        if (static_cast<std::int64_t>(best.size()) == population_) break;
        best.push_back(pool[i]);
      }
    }
    return best;
  }

  UnitCube::Point child(const std::vector<const Trial*>& parents, CounterRandom& random) const {
    UnitCube::Point point(cube_.size());
    const auto draw = [&](std::size_t) { return random.uniform(); };
    if (parents.size() < 2) {
      for (double& u : point) u = random.uniform();
      return point;
    }
    // Parents are in order of merit, so the earlier of two wins the tournament.
    const auto tournament = [&] { return std::min(random.below(parents.size()), random.below(parents.size())); };
    const std::size_t first = tournament();
    std::size_t second = tournament();
    for (int i = 0; second == first && i < 8; ++i) second = tournament();
    const UnitCube::Point one = *cube_.point(parents[first]->parameters),
                          other = *cube_.point(parents[second]->parameters);
    const bool crosses = random.uniform() < 0.9;
    const double mutation_rate = mutations / static_cast<double>(cube_.size());
    for (std::size_t i = 0; i < point.size(); ++i) {
      const bool choice = cube_.axes()[i].choice;
      if (std::isnan(one[i]) || std::isnan(other[i])) {
        point[i] = std::isnan(one[i]) ? other[i] : one[i];
      } else if (!crosses) {
        point[i] = one[i];
      } else if (choice) {
        point[i] = random.bits() & 1 ? one[i] : other[i];
      } else {
        point[i] = random.uniform() < 0.5 ? simulated_binary_crossover(one[i], other[i], random) : one[i];
      }
      if (std::isnan(point[i])) {
        point[i] = random.uniform();  // needed when a choice of the child asks for what neither parent had
      } else if (random.uniform() < mutation_rate) {
        point[i] = choice ? random.uniform() : polynomial_mutation(point[i], random);
      }
    }
    cube_.settle(point, draw);
    return point;
  }

  SamplerContext context_;
  UnitCube cube_;
  std::int64_t population_ = 0, generation_ = 0;
  std::vector<UnitCube::Point> design_;
};

}  // namespace

std::unique_ptr<SamplerOptions> nsga2_sampler() { return std::make_unique<PopulationOptions<Nsga2Sampler>>(); }

}  // namespace atelier
