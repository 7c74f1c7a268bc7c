#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "sweeps/pareto.h"
#include "tests/error_of.h"
#include "tests/sweeps/sampler_trials.h"

namespace atelier {
namespace {

/// Zitzler, Deb and Thiele, Evolutionary Computation 2000: ZDT1, the front at x1 = x2 = ... = 0.
Trial zdt1(Trial trial) {
  double sum = 0;
  for (std::size_t i = 1; i < trial.parameters.size(); ++i) sum += trial.parameters[i].second.number();
  const double f = trial.parameters[0].second.number(),
               g = 1 + 9 * sum / static_cast<double>(trial.parameters.size() - 1);
  trial.values = {f, g * (1 - std::sqrt(f / g))};
  return trial;
}

double volume_of(const History& history) {
  std::vector<std::vector<double>> points;
  for (const Trial& trial : history.trials) points.push_back(trial.values);
  return hypervolume(points, std::vector<double>{1.1, 6});
}

TEST(Nsga2, ComesNearTheFrontOfZdt1) {
  const SearchSpace space = cube_of(6);
  std::vector<double> volumes;
  for (int seed = 0; seed < 9; ++seed) {
    volumes.push_back(
        volume_of(run(*make_sampler("nsga2", space, {.seed = seed, .trials = 200, .objectives = 2}), 200, zdt1)));
  }
  std::sort(volumes.begin(), volumes.end());
  // The front itself dominates 6.5 - 1/3 + 0.1 = 6.27; random search reaches 4.5.
  EXPECT_GT(volumes[4], 5.67);
}

TEST(Nsga2, WorksWithOneObjectiveOfWhichItSeesOnlyTheOrder) {
  const SearchSpace space = mixed_space();
  EXPECT_LT(5 * median_best("nsga2", space, 150, mixed_function), median_best("random", space, 150, mixed_function));
  const auto sampler = make_sampler("nsga2", space, {.seed = 3});
  const History plain = run(*sampler, 60, mixed_function);
  const History warped = run(*sampler, 60, [](const Parameters& p) { return std::exp(5 * mixed_function(p)) - 100; });
  for (std::size_t i = 0; i < plain.trials.size(); ++i)
    EXPECT_EQ(plain.trials[i].parameters, warped.trials[i].parameters);
}

TEST(Nsga2, DoesNotDependOnTheScaleOfAnObjective) {
  const SearchSpace space = cube_of(3);
  const auto sampler = make_sampler("nsga2", space, {.objectives = 2});
  const History plain = run(*sampler, 60, zdt1);
  const History scaled = run(*sampler, 60, [](Trial trial) {
    trial = zdt1(std::move(trial));
    trial.values[1] *= 1024;  // a power of two: no rounding
    return trial;
  });
  for (std::size_t i = 0; i < plain.trials.size(); ++i)
    EXPECT_EQ(plain.trials[i].parameters, scaled.trials[i].parameters);
}

TEST(Nsga2, KeepsToConstraints) {
  const SearchSpace space = cube_of(2);
  const History history = run(*make_sampler("nsga2", space, {.seed = 1}), 150, [](Trial trial) {
    trial.values = {bowl(trial.parameters)};
    trial.violations = {0.6 - number(trial.parameters, "x0")};
    return trial;
  });
  EXPECT_LT(best_of(history), 0.1);  // 0.09 is the least where the constraint holds
  const auto feasible =
      std::count_if(history.trials.end() - 50, history.trials.end(), [](const Trial& t) { return t.feasible(); });
  EXPECT_GT(feasible, 25);
}

TEST(Nsga2, DependsOnSeedNumberAndHistoryAlone) {
  const SearchSpace space = mixed_space();
  const History history = run(*make_sampler("random", space, {}), 50, mixed_function);
  const auto one = make_sampler("nsga2", space, {.seed = 4}), same = make_sampler("nsga2", space, {.seed = 4}),
             other = make_sampler("nsga2", space, {.seed = 5});
  one->suggest(45, history);
  EXPECT_EQ(one->suggest(50, history)->parameters, same->suggest(50, history)->parameters);
  EXPECT_NE(one->suggest(50, history)->parameters, other->suggest(50, history)->parameters);
}

TEST(Nsga2, CopesWithTrialsOfEveryState) {
  const SearchSpace space = mixed_space();
  const auto sampler = make_sampler("nsga2", space, {});
  for (const std::int64_t trials : {1, 7, 40, 400}) {
    const auto suggestion = sampler->suggest(trials, troubled_history(space, trials));
    ASSERT_TRUE(suggestion);
    EXPECT_TRUE(belongs(space, suggestion->parameters));
  }
  EXPECT_NE(error_of<UsageError>([&] {
              make_sampler_with({{"population", 2}}, "nsga2", space, {});
            }).find("at least 4"),
            std::string::npos);
}

TEST(Nsga2, SearchesSpacesOfChoicesAlone) {
  const SearchSpace space = space_of(
      "x0 = { choice = [1, 2, 3, 4, 5, 6] }\nx1 = { choice = [1, 2, 3, 4, 5, 6] }\nx2 = { choice = [1, 2, 3, 4, 5, 6] "
      "}\n",
      {"x0", "x1", "x2"});
  const auto function = [](const Parameters& p) {
    return std::fabs(number(p, "x0") - 5) + std::fabs(number(p, "x1") - 2) + std::fabs(number(p, "x2") - 3);
  };
  EXPECT_EQ(median_best("nsga2", space, 100, function), 0);
}

}  // namespace
}  // namespace atelier
