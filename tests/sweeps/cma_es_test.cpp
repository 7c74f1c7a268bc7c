#include <gtest/gtest.h>

#include <set>

#include "framework/core/error.h"
#include "tests/error_of.h"
#include "tests/sweeps/sampler_trials.h"

namespace atelier {
namespace {

TEST(CmaEs, FindsAnOptimumFarBetterThanRandomSearch) {
  const SearchSpace space = cube_of(4);
  EXPECT_LT(100 * median_best("cma-es", space, 150, bowl), median_best("random", space, 150, bowl));
  const SearchSpace line = cube_of(1);
  EXPECT_LT(10 * median_best("cma-es", line, 60, bowl), median_best("random", line, 60, bowl));
}

TEST(CmaEs, LearnsThatParametersDependOnEachOther) {
  // A narrow valley along the diagonal: 1,000 times steeper across than along.
  const auto valley = [](const Parameters& p) {
    const double along = number(p, "x0") + number(p, "x1") - 1.2, across = number(p, "x0") - number(p, "x1");
    return along * along + 1000 * across * across;
  };
  const SearchSpace space = cube_of(2);
  EXPECT_LT(100 * median_best("cma-es", space, 200, valley), median_best("random", space, 200, valley));
}

TEST(CmaEs, SeesOnlyTheOrderOfValues) {
  const SearchSpace space = mixed_space();
  const auto sampler = make_sampler("cma-es", space, {.seed = 3});
  const History plain = run(*sampler, 60, mixed_function);
  const History warped = run(*sampler, 60, [](const Parameters& p) { return std::exp(5 * mixed_function(p)) - 100; });
  for (std::size_t i = 0; i < plain.trials.size(); ++i)
    EXPECT_EQ(plain.trials[i].parameters, warped.trials[i].parameters);
}

TEST(CmaEs, LearnsWhichChoiceIsBest) {
  const SearchSpace space = mixed_space();
  EXPECT_LT(10 * median_best("cma-es", space, 120, mixed_function), median_best("random", space, 120, mixed_function));
  // Choices alone.
  const SearchSpace choices =
      space_of("x0 = { choice = [1, 2, 3, 4] }\nx1 = { choice = [1, 2, 3, 4] }\n", {"x0", "x1"});
  const History history = run(*make_sampler("cma-es", choices, {}), 120, [](const Parameters& p) {
    return (number(p, "x0") == 3 ? 0 : 1) + (number(p, "x1") == 2 ? 0 : 2);
  });
  const auto right =
      std::count_if(history.trials.end() - 40, history.trials.end(), [](const Trial& t) { return t.values[0] == 0; });
  EXPECT_GT(right, 20);  // of 40; by chance 2.5
}

TEST(CmaEs, GoesOnMovingWholeNumbers) {
  // Without a margin a narrow distribution stays in the cell where it is. The optimum is at 17, far from the middle.
  const SearchSpace space = space_of("x0 = { int = [0, 20] }\nx1 = { uniform = [0, 1] }\n", {"x0", "x1"});
  const auto function = [](const Parameters& p) {
    return std::pow(number(p, "x0") - 17, 2) / 100 + std::pow(number(p, "x1") - 0.3, 2);
  };
  for (int seed = 0; seed < 5; ++seed) {
    const History history = run(*make_sampler("cma-es", space, {.seed = seed}), 150, function);
    EXPECT_LT(best_of(history), 1e-3);
    std::set<double> late;
    for (std::size_t i = 100; i < 150; ++i) late.insert(number(history.trials[i].parameters, "x0"));
    EXPECT_GT(late.size(), 1u);
  }
}

TEST(CmaEs, StartsAnewWhenItHasConverged) {
  // A wide bowl that is a trap beside a narrow one that is deeper.
  const auto trap = [](const Parameters& p) {
    const double x = number(p, "x0"), y = number(p, "x1");
    return std::min(std::hypot(x - 0.2, y - 0.2), 8 * std::hypot(x - 0.85, y - 0.85) - 1);
  };
  const SearchSpace space = cube_of(2);
  int found = 0;
  for (int seed = 0; seed < 5; ++seed)
    found += best_of(run(*make_sampler("cma-es", space, {.seed = seed}), 1000, trap)) < -0.9;
  EXPECT_GE(found, 4);
}

TEST(CmaEs, DependsOnSeedNumberAndHistoryAlone) {
  const SearchSpace space = mixed_space();
  const History history = run(*make_sampler("random", space, {}), 50, mixed_function);
  const auto one = make_sampler("cma-es", space, {.seed = 4}), same = make_sampler("cma-es", space, {.seed = 4}),
             other = make_sampler("cma-es", space, {.seed = 5});
  one->suggest(45, history);
  EXPECT_EQ(one->suggest(50, history)->parameters, same->suggest(50, history)->parameters);
  EXPECT_NE(one->suggest(50, history)->parameters, other->suggest(50, history)->parameters);
}

TEST(CmaEs, LearnsWithWorkersThatRunAtOnce) {
  // Four trials at a time: each is chosen when the three before it still run.
  const SearchSpace space = cube_of(4);
  std::vector<double> best;
  for (int seed = 0; seed < 5; ++seed) {
    const auto sampler = make_sampler("cma-es", space, {.seed = seed});
    History history;
    for (std::int64_t i = 0; i < 150; ++i) {
      if (i >= 4) {
        Trial& ended = history.trials[static_cast<std::size_t>(i - 4)];
        ended.state = TrialState::finished;
        ended.values = {bowl(ended.parameters)};
      }
      Trial trial = finished(i, sampler->suggest(i, history)->parameters, {});
      if (i % 29 == 28) {  // whether or not it has seen the history grow
        EXPECT_EQ(trial.parameters, make_sampler("cma-es", space, {.seed = seed})->suggest(i, history)->parameters);
      }
      trial.state = TrialState::running;
      history.trials.push_back(std::move(trial));
    }
    best.push_back(best_of(history));
  }
  std::sort(best.begin(), best.end());
  EXPECT_LT(20 * best[2], median_best("random", space, 150, bowl));
}

TEST(CmaEs, CopesWithTrialsOfEveryState) {
  const SearchSpace space = mixed_space();
  const auto sampler = make_sampler("cma-es", space, {});
  for (const std::int64_t trials : {1, 7, 40, 400}) {
    const auto suggestion = sampler->suggest(trials, troubled_history(space, trials));
    ASSERT_TRUE(suggestion);
    EXPECT_TRUE(belongs(space, suggestion->parameters));
  }
}

TEST(CmaEs, RefusesSeveralObjectives) {
  const SearchSpace space = cube_of(2);
  EXPECT_NE(error_of<UsageError>([&] { make_sampler("cma-es", space, {.objectives = 2}); }).find("nsga2"),
            std::string::npos);
  EXPECT_NE(error_of<UsageError>([&] {
              make_sampler_with({{"population", 3}}, "cma-es", space, {});
            }).find("at least 4"),
            std::string::npos);
}

}  // namespace
}  // namespace atelier
