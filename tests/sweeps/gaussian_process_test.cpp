#include "sweeps/gaussian_process.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "framework/core/random.h"
#include "tests/sweeps/sampler_trials.h"

namespace atelier {
namespace {

Matrix matrix(const nlohmann::json& rows) {
  Matrix result(rows.size(), rows[0].size());
  for (std::size_t i = 0; i < result.rows(); ++i) {
    for (std::size_t j = 0; j < result.columns(); ++j) result(i, j) = rows[i][j];
  }
  return result;
}

struct Golden {
  nlohmann::json expected =
      nlohmann::json::parse(std::ifstream(ATELIER_SOURCE_DIR "/tests/sweeps/gaussian_process_golden.json"));
  std::vector<GaussianProcess::Feature> features{{.scale = 0}, {.scale = 1}, {.category = true, .scale = 2}};
  Matrix inputs = matrix(expected["inputs"]), queries = matrix(expected["queries"]);
  std::vector<double> targets = expected["targets"];
  GaussianProcess::Hyperparameters hyperparameters{expected["length_scales"], expected["variance"], expected["noise"]};
};

TEST(GaussianProcess, PosteriorAndLikelihoodAreThoseOfSciPy) {
  const Golden golden;
  const GaussianProcess process(golden.features, golden.inputs, golden.targets, golden.hyperparameters);
  EXPECT_NEAR(process.log_likelihood(), golden.expected["log_likelihood"].get<double>(), 1e-10);
  for (std::size_t q = 0; q < golden.queries.rows(); ++q) {
    const GaussianProcess::Posterior posterior = process.at(golden.queries.row(q));
    EXPECT_NEAR(posterior.mean, golden.expected["means"][q].get<double>(), 1e-10);
    EXPECT_NEAR(posterior.variance, golden.expected["variances"][q].get<double>(), 1e-10);
  }
}

TEST(GaussianProcess, GradientsAreThoseOfThePosterior) {
  const Golden golden;
  const GaussianProcess process(golden.features, golden.inputs, golden.targets, golden.hyperparameters);
  std::vector<double> x(golden.queries.row(1).begin(), golden.queries.row(1).end()), by_mean(3), by_variance(3);
  process.at(x, by_mean, by_variance);
  for (std::size_t i = 0; i < 2; ++i) {
    std::vector<double> above = x, below = x;
    above[i] += 1e-5;
    below[i] -= 1e-5;
    EXPECT_NEAR(by_mean[i], (process.at(above).mean - process.at(below).mean) / 2e-5, 1e-7);
    EXPECT_NEAR(by_variance[i], (process.at(above).variance - process.at(below).variance) / 2e-5, 1e-7);
  }
  EXPECT_EQ(by_mean[2], 0);
}

TEST(GaussianProcess, BelievingKeepsTheMeanAndTakesTheVariance) {
  const Golden golden;
  GaussianProcess process(golden.features, golden.inputs, golden.targets, golden.hyperparameters);
  const auto here = golden.queries.row(0), elsewhere = golden.queries.row(2);
  const double mean = process.at(here).mean, mean_elsewhere = process.at(elsewhere).mean;
  process.believe(here);
  EXPECT_NEAR(process.at(here).mean, mean, 1e-12);
  EXPECT_NEAR(process.at(elsewhere).mean, mean_elsewhere, 1e-12);
  EXPECT_LT(process.at(here).variance, golden.hyperparameters.noise);  // no more than one observation leaves
}

TEST(GaussianProcess, TheMostProbableHyperparametersFindWhichInputMatters) {
  // The targets depend on the first of three inputs alone.
  CounterRandom random(3, 4);
  Matrix inputs(40, 3);
  std::vector<double> targets;
  for (std::size_t a = 0; a < 40; ++a) {
    for (std::size_t f = 0; f < 3; ++f) inputs(a, f) = random.uniform();
    targets.push_back(std::sqrt(2.0) * std::sin(6 * inputs(a, 0)));
  }
  const std::vector<GaussianProcess::Feature> features{{.scale = 0}, {.scale = 1}, {.scale = 2}};
  const GaussianProcess::Hyperparameters start{{0.5, 0.5, 0.5}, 1, 1e-3};
  double score = 0, at_start = 0;
  const GaussianProcess::Prior prior;
  const auto found = GaussianProcess::most_probable(features, inputs, targets, prior, start, 100, &score);
  GaussianProcess::most_probable(features, inputs, targets, prior, start, 0, &at_start);
  EXPECT_GT(score, at_start);
  EXPECT_GT(found.length_scales[1], 3 * found.length_scales[0]);
  EXPECT_GT(found.length_scales[2], 3 * found.length_scales[0]);
  EXPECT_LT(found.noise, 1e-3);
}

TEST(GaussianProcessSampler, FindsAnOptimumFarBetterThanRandomSearch) {
  const SearchSpace space = cube_of(4);
  EXPECT_LT(1000 * median_best("gp", space, 40, bowl), median_best("random", space, 40, bowl));
  const SearchSpace line = cube_of(1);
  EXPECT_LT(100 * median_best("gp", line, 15, bowl), median_best("random", line, 15, bowl));
}

TEST(GaussianProcessSampler, FindsTheRightBranchOfAConditionalSpace) {
  const SearchSpace space = mixed_space();
  EXPECT_LT(10 * median_best("gp", space, 50, mixed_function), median_best("random", space, 50, mixed_function));
}

TEST(GaussianProcessSampler, DependsOnSeedNumberAndHistoryAlone) {
  const SearchSpace space = mixed_space();
  const History history = run(*make_sampler("random", space, {}), 30, mixed_function);
  const auto one = make_sampler("gp", space, {.seed = 4}), same = make_sampler("gp", space, {.seed = 4}),
             other = make_sampler("gp", space, {.seed = 5});
  one->suggest(35, history);
  EXPECT_EQ(one->suggest(30, history)->parameters, same->suggest(30, history)->parameters);
  EXPECT_NE(one->suggest(0, {})->parameters, other->suggest(0, {})->parameters);
  EXPECT_TRUE(one->learns());
}

TEST(GaussianProcessSampler, TriesEveryTrialOfASmallSpaceOnceAndEnds) {
  const SearchSpace space = space_of(
      "x0 = { choice = [\"a\", \"b\", \"c\"] }\nx1 = { choice = [true, false] }\nx2 = { int = [1, 2], when = { x1 = "
      "true } }\n",
      {"x0", "x1", "x2"});
  const History history = run(*make_sampler("gp", space, {}), 100,
                              [](const Parameters& p) { return find(p, "x0")->text() == "b" ? 0.0 : 1.0; });
  std::set<std::string> seen;
  for (const Trial& trial : history.trials) {
    std::string text;
    for (const auto& [key, value] : trial.parameters) text += key + to_toml(value);
    seen.insert(text);
  }
  EXPECT_EQ(history.trials.size(), 9u);
  EXPECT_EQ(seen.size(), 9u);
}

TEST(GaussianProcessSampler, DoesNotTryAgainWhatIsRunning) {
  const SearchSpace space = cube_of(2);
  const auto sampler = make_sampler("gp", space, {.seed = 1});
  History history = run(*sampler, 8, bowl);
  // Eight workers ask one after the other while nothing ends.
  for (std::int64_t i = 8; i < 16; ++i) {
    Trial trial = finished(i, sampler->suggest(i, history)->parameters, {});
    trial.state = TrialState::running;
    for (const Trial& earlier : history.trials) {
      const double distance = std::hypot(number(trial.parameters, "x0") - number(earlier.parameters, "x0"),
                                         number(trial.parameters, "x1") - number(earlier.parameters, "x1"));
      EXPECT_GT(distance, 1e-3) << i << " and " << earlier.number;
    }
    history.trials.push_back(std::move(trial));
  }
}

TEST(GaussianProcessSampler, KeepsToConstraints) {
  // The lowest point of the bowl is out of bounds; along the border the best is where the bowl touches it:
  // x0 >= 0.6 costs (0.6 - 0.3)^2.
  const SearchSpace space = cube_of(2);
  const History history = run(*make_sampler("gp", space, {.seed = 2}), 40, [](Trial trial) {
    trial.values = {bowl(trial.parameters)};
    trial.violations = {0.6 - number(trial.parameters, "x0"), -1};
    return trial;
  });
  EXPECT_GE(best_of(history), 0.09);
  EXPECT_LT(best_of(history), 0.0905);
}

TEST(GaussianProcessSampler, LeavesWhereTrialsFail) {
  const SearchSpace space = cube_of(2);
  const History history = run(*make_sampler("gp", space, {.seed = 2}), 40, [](Trial trial) {
    if (number(trial.parameters, "x1") > 0.5) {
      trial.state = TrialState::failed;
    } else {
      trial.values = {bowl(trial.parameters)};
    }
    return trial;
  });
  const auto late = std::count_if(history.trials.begin() + 20, history.trials.end(),
                                  [](const Trial& t) { return t.state == TrialState::failed; });
  EXPECT_LT(late, 10);               // of 20; half of the space fails, and the best half at that
  EXPECT_LT(best_of(history), 0.1);  // 0.09 is the least at the border
}

TEST(GaussianProcessSampler, SpreadsOverTheFrontOfTwoObjectives) {
  // Distances to 0.2 and to 0.8: every point between is on the front.
  const SearchSpace space = cube_of(1);
  const History history = run(*make_sampler("gp", space, {.objectives = 2}), 40, [](Trial trial) {
    const double x = number(trial.parameters, "x0");
    trial.values = {std::fabs(x - 0.2), std::fabs(x - 0.8)};
    return trial;
  });
  int left = 0, right = 0;
  for (const Trial& trial : history.trials) {
    const double x = number(trial.parameters, "x0");
    left += x >= 0.2 && x < 0.5;
    right += x >= 0.5 && x <= 0.8;
  }
  EXPECT_GT(left, 8);
  EXPECT_GT(right, 8);
}

TEST(GaussianProcessSampler, CopesWithValuesOfEverySize) {
  const SearchSpace space = cube_of(2);
  History history = run(*make_sampler("random", space, {}), 20, bowl);
  for (const double odd : {1e308, -1e308, static_cast<double>(INFINITY), 1e-308}) {
    history.trials[5].values = {odd};
    history.trials[6].values = {2 * bowl(history.trials[6].parameters)};
    EXPECT_TRUE(belongs(space, make_sampler("gp", space, {})->suggest(20, history)->parameters)) << odd;
  }
  for (Trial& trial : history.trials) trial.values = {7};  // all the same
  EXPECT_TRUE(belongs(space, make_sampler("gp", space, {})->suggest(20, history)->parameters));
}

TEST(GaussianProcessSampler, CopesWithTrialsOfEveryState) {
  const SearchSpace space = mixed_space();
  const auto sampler = make_sampler("gp", space, {});
  for (const std::int64_t trials : {1, 7, 40, 400}) {
    const auto suggestion = sampler->suggest(trials, troubled_history(space, trials));
    ASSERT_TRUE(suggestion);
    EXPECT_TRUE(belongs(space, suggestion->parameters));
  }
}

}  // namespace
}  // namespace atelier
