#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <set>

#include "sweeps/sampler.h"
#include "sweeps/samplers/parzen_estimator.h"
#include "sweeps/samplers/trial_ranking.h"

namespace atelier {
namespace {

SearchSpace space_of(const std::string& text, const std::vector<std::string>& names) {
  Document document = Document::from_text("[space]\n" + text, "s.toml", "/");
  return SearchSpace::from(document.take("space"), names);
}

double number(const Parameters& parameters, std::string_view key) { return find(parameters, key)->number(); }

/// Lets the sampler choose so many trials, each of which `end` finishes before the next one.
History run(const Sampler& sampler, std::int64_t trials, const std::function<void(Trial&)>& end,
            std::int64_t objectives = 1) {
  History history{.objectives = objectives};
  for (std::int64_t i = 0; i < trials; ++i) {
    Trial trial{.number = i, .parameters = sampler.suggest(i, history)->parameters, .state = TrialState::finished};
    end(trial);
    history.trials.push_back(std::move(trial));
  }
  return history;
}

const SearchSpace& square() {
  static const SearchSpace space = space_of("x = { uniform = [0, 1] }\ny = { uniform = [0, 1] }\n", {"x", "y"});
  return space;
}

double bowl(const Parameters& p) { return std::pow(number(p, "x") - 0.8, 2) + std::pow(number(p, "y") - 0.3, 2); }
void end_bowl(Trial& trial) { trial.values = {bowl(trial.parameters)}; }

std::vector<std::size_t> indices(const std::vector<RankedTrial>& trials) {
  std::vector<std::size_t> all;
  for (const RankedTrial& trial : trials) all.push_back(trial.index);
  return all;
}

std::vector<RankedTrial> with_standings(const std::vector<Trial>& trials, std::int64_t objectives) {
  std::vector<RankedTrial> ranked;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (const auto place = standing(trials[i], objectives))
      ranked.push_back({.standing = *place, .index = i, .values = &trials[i].values});
  }
  return ranked;
}

TEST(TrialRanking, FinishedBeforePrunedBeforeInfeasible) {
  const std::vector<Trial> trials = {
      {.state = TrialState::finished, .values = {1}, .violations = {2, 0.5}},
      {.state = TrialState::pruned, .values = {0.1}, .curve = {{10, 0.1}}},
      {.state = TrialState::finished, .values = {5}},
      {.state = TrialState::failed},
      {.state = TrialState::pruned, .values = {0.3}, .curve = {{10, 0.4}, {20, 0.3}}},
      {.state = TrialState::running},
      {.state = TrialState::finished, .values = {9}, .violations = {-1, 1}},
      {.state = TrialState::finished, .values = {4}, .violations = {-1, 0}},
      {.state = TrialState::pruned, .values = {0.2}, .curve = {{20, 0.2}}},
  };
  std::vector<RankedTrial> ranked = with_standings(trials, 1);
  rank_best(ranked, ranked.size(), 1);
  EXPECT_EQ(indices(ranked), (std::vector<std::size_t>{7, 2, 8, 4, 1, 6, 0}));
}

TEST(TrialRanking, SeveralObjectivesGoByFrontsAndThenByWhatATrialAdds) {
  // Trials 0 to 3 are the first front, 4 and 5 the second. The reference lies a tenth behind the front: (10.9, 10.9).
  // Alone trial 1 covers 7.9 * 6.9, the others at most 9.9 * 0.9. Beside it trial 3 adds 0.9 * 3, trial 2 1.9 * 1 and
  // trial 0 2 * 0.9; then trial 0 still adds 1.8 and trial 2 only 1 * 1.
  const std::vector<Trial> trials = {
      {.state = TrialState::finished, .values = {1, 10}}, {.state = TrialState::finished, .values = {3, 4}},
      {.state = TrialState::finished, .values = {9, 3}},  {.state = TrialState::finished, .values = {10, 1}},
      {.state = TrialState::finished, .values = {4, 5}},  {.state = TrialState::finished, .values = {2, 10.5}},
  };
  std::vector<RankedTrial> ranked = with_standings(trials, 2);
  rank_best(ranked, 6, 2);
  const std::vector<std::size_t> order = indices(ranked);
  EXPECT_EQ(std::vector<std::size_t>(order.begin(), order.begin() + 4), (std::vector<std::size_t>{1, 3, 0, 2}));
  EXPECT_EQ(std::set<std::size_t>(order.begin() + 4, order.end()), (std::set<std::size_t>{4, 5}));
}

TEST(TrialRanking, FrontsOfThreeObjectivesAreThoseOfTheDefinition) {
  std::vector<Trial> trials;
  for (int i = 0; i < 60; ++i) {
    trials.push_back({.state = TrialState::finished,
                      .values = {static_cast<double>(i * 37 % 61), static_cast<double>(i * 23 % 59),
                                 static_cast<double>(i * 11 % 53)}});
  }
  const auto dominates = [&](std::size_t a, std::size_t b) {
    bool better = false;
    for (std::size_t k = 0; k < 3; ++k) {
      if (trials[a].values[k] > trials[b].values[k]) return false;
      better = better || trials[a].values[k] < trials[b].values[k];
    }
    return better;
  };
  std::vector<RankedTrial> ranked = with_standings(trials, 3);
  rank_best(ranked, ranked.size(), 3);
  const std::vector<std::size_t> order = indices(ranked);
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t j = i + 1; j < order.size(); ++j) EXPECT_FALSE(dominates(order[j], order[i]));
  }
}

ParzenEstimator small_estimator() {
  return ParzenEstimator({{.ordered = true}, {.ordered = false, .cells = 3}},
                         {{0.1f, 0.4f, 0.45f}, {0.5f / 3, 2.5f / 3, 2.5f / 3}}, {{0, 1, 2}, {}}, {1, 2, 1},
                         {.even_weight = 1.5, .least_width = 0.01, .width_factor = 0.25, .other_choices = 2});
}

TEST(ParzenEstimator, IsTheDensityThatSciPyComputes) {
  const ParzenEstimator estimator = small_estimator();  // the numbers are from sampler_golden.py
  EXPECT_NEAR(estimator.log_density({0.1f, 0.5f / 3}), 0.1392689394584573, 1e-5);
  EXPECT_NEAR(estimator.log_density({0.42f, 2.5f / 3}), 1.209212281613411, 1e-5);
  EXPECT_NEAR(estimator.log_density({0.95f, 1.5f / 3}), -0.9337840087404798, 1e-5);
}

TEST(ParzenEstimator, DrawsFromItsDensity) {
  const ParzenEstimator estimator = small_estimator();
  // The share of each tenth of the range with each choice, by the density at 100 places inside and by draws.
  CounterRandom random(1, 2);
  std::vector<double> drawn(30, 0.0), point;
  constexpr int draws = 40000;
  for (int i = 0; i < draws; ++i) {
    estimator.draw(random, point);
    drawn[static_cast<std::size_t>(point[0] * 10) * 3 + static_cast<std::size_t>(point[1] * 3)] += 1.0 / draws;
  }
  double total = 0;
  for (int tenth = 0; tenth < 10; ++tenth) {
    for (int choice = 0; choice < 3; ++choice) {
      double share = 0;
      for (int i = 0; i < 100; ++i) {
        share += std::exp(estimator.log_density(
                     {static_cast<float>((tenth + (i + 0.5) / 100) / 10), (static_cast<float>(choice) + 0.5f) / 3})) /
                 3000;
      }
      total += share;
      EXPECT_NEAR(drawn[static_cast<std::size_t>(tenth * 3 + choice)], share, 5 * std::sqrt(share / draws))
          << tenth << " " << choice;
    }
  }
  EXPECT_NEAR(total, 1, 1e-4);
}

TEST(Tpe, ComesCloserThanRandomDraws) {
  int closer = 0;
  for (std::int64_t seed = 0; seed < 10; ++seed) {
    const auto best = [&](std::string_view name) {
      const auto sampler = make_sampler(name, square(), {.seed = seed});
      double least = 1;
      for (const Trial& trial : run(*sampler, 60, end_bowl).trials) least = std::min(least, trial.values[0]);
      return least;
    };
    closer += best("tpe") < best("random") / 4;
  }
  EXPECT_GE(closer, 8);
}

TEST(Tpe, IsAFunctionOfSeedNumberAndHistoryAlone) {
  const auto used = make_sampler("tpe", square(), {.seed = 3});
  const History history = run(*used, 40, end_bowl);
  History other = history;
  for (Trial& trial : other.trials) trial.parameters[0].second = Value(1 - trial.parameters[0].second.number());
  History better = history;  // in which the worst trial is the best
  std::max_element(better.trials.begin(), better.trials.end(), [](const Trial& a, const Trial& b) {
    return a.values < b.values;
  })->values[0] = -1;
  History shorter = history;
  shorter.trials.erase(shorter.trials.begin() + 20, shorter.trials.begin() + 30);
  History busy = history;
  busy.trials.back().state = TrialState::running;
  busy.trials.back().values.clear();
  for (const History* one :
       std::initializer_list<const History*>{&other, &history, &better, &shorter, &busy, &history}) {
    EXPECT_EQ(used->suggest(50, *one)->parameters,
              make_sampler("tpe", square(), {.seed = 3})->suggest(50, *one)->parameters);
  }
  EXPECT_NE(used->suggest(50, history)->parameters, used->suggest(51, history)->parameters);
  EXPECT_NE(used->suggest(50, history)->parameters, used->suggest(50, better)->parameters);
  EXPECT_NE(used->suggest(50, history)->parameters,
            make_sampler("tpe", square(), {.seed = 4})->suggest(50, history)->parameters);
}

TEST(Tpe, StaysAwayFromTrialsThatRun) {
  const auto sampler = make_sampler("tpe", square(), {});
  History history = run(*sampler, 40, end_bowl);
  const auto mean_distance = [&](const Parameters& place) {
    double sum = 0;
    for (std::int64_t i = 100; i < 200; ++i) {
      const Parameters next = sampler->suggest(i, history)->parameters;
      sum += std::hypot(number(next, "x") - number(place, "x"), number(next, "y") - number(place, "y"));
    }
    return sum / 100;
  };
  const Parameters place = sampler->suggest(99, history)->parameters;
  const double alone = mean_distance(place);
  for (std::int64_t i = 40; i < 50; ++i) {
    history.trials.push_back({.number = i, .parameters = place, .state = TrialState::running});
  }
  EXPECT_GT(mean_distance(place), alone);
}

TEST(Tpe, LeavesRegionsWhereTrialsFailOrMissAConstraint) {
  for (const bool fails : {true, false}) {
    const auto sampler = make_sampler("tpe", square(), {.seed = 1});
    int inside = 0;
    const History history = run(*sampler, 80, [&](Trial& trial) {
      // The best values lie where trials fail, or are not allowed: y above 0.5.
      const double y = number(trial.parameters, "y");
      trial.values = {-y};
      if (y <= 0.5) return;
      if (fails) {
        trial.state = TrialState::failed;
        trial.values.clear();
      } else {
        trial.violations = {y - 0.5};
      }
    });
    for (const Trial& trial : history.trials) inside += trial.number >= 40 && number(trial.parameters, "y") > 0.5;
    EXPECT_LT(inside, 20) << "of the last 40; " << (fails ? "failed" : "infeasible");
  }
}

TEST(Tpe, TriesEachTrialOfASmallSpaceOnceAndThenNone) {
  const SearchSpace space = space_of(
      "a = { choice = [\"u\", \"v\", \"w\"] }\nb = { int = [1, 4] }\nc = { int = [1, 2], when = { a = \"u\" } }\n",
      {"a", "b", "c"});
  const auto sampler = make_sampler("tpe", space, {.seed = 5});
  std::set<std::string> seen;
  const History history = run(*sampler, 16, [&](Trial& trial) {
    std::string text;
    for (const auto& [key, value] : trial.parameters) text += key + to_toml(value);
    EXPECT_TRUE(seen.insert(text).second) << text;
    trial.values = {number(trial.parameters, "b")};
  });
  EXPECT_FALSE(sampler->suggest(16, history));
}

TEST(Tpe, SuggestsOnlyWhatTheSpaceHolds) {
  const SearchSpace space = space_of(
      "r = { log = [1e-4, 1.0] }\nn = { int = [3, 9] }\ns = { uniform = [0.5, 2.0], step = 0.25 }\nk = { choice = "
      "[\"a\", \"b\"] }\n"
      "d = { uniform = [-1.0, 1.0], when = { k = \"b\" } }\ne = { choice = [1, 2], when = { d = 5, k = \"b\" } }\nf = "
      "{ uniform = [0, 1], when = { n = [3, 4] } }\n",
      {"r", "n", "s", "k", "d", "e", "f"});
  const auto sampler = make_sampler("tpe", space, {.seed = 9});
  run(*sampler, 60, [&](Trial& trial) {
    const Parameters& p = trial.parameters;
    EXPECT_GE(number(p, "r"), 1e-4);
    EXPECT_LE(number(p, "r"), 1);
    const double n = number(p, "n"), steps = (number(p, "s") - 0.5) / 0.25;
    EXPECT_EQ(n, std::round(n));
    EXPECT_NEAR(steps, std::round(steps), 1e-9);
    EXPECT_EQ(find(p, "d") != nullptr, find(p, "k")->text() == "b");
    EXPECT_EQ(find(p, "f") != nullptr, n <= 4);
    EXPECT_EQ(find(p, "e"), nullptr);  // d is 5 in no trial
    trial.values = {std::abs(n - 4) + (find(p, "d") ? number(p, "d") : 0)};
  });
}

TEST(Tpe, FindsTheBestBranchAndItsParameters) {
  const SearchSpace space = space_of(
      "kind = { choice = [\"a\", \"b\", \"c\"] }\nx = { uniform = [0, 1], when = { kind = \"a\" } }\ny = { uniform = "
      "[0, 1], when = { kind = \"b\" } }\n",
      {"kind", "x", "y"});
  int found = 0;
  for (std::int64_t seed = 0; seed < 10; ++seed) {
    const auto sampler = make_sampler("tpe", space, {.seed = seed});
    const History history = run(*sampler, 60, [](Trial& trial) {
      const Parameters& p = trial.parameters;
      trial.values = {find(p, "x")   ? 0.5 + std::abs(number(p, "x") - 0.2)
                      : find(p, "y") ? std::abs(number(p, "y") - 0.7)
                                     : 0.9};
    });
    found += std::any_of(history.trials.begin(), history.trials.end(),
                         [](const Trial& trial) { return trial.values[0] < 0.02; });
  }
  EXPECT_GE(found, 9);
}

TEST(Tpe, SpreadsOverTheFrontOfTwoObjectives) {
  // The front of x and y in the square, one being (1 - x)^2 + y, the other x^2 + y, is y = 0 with any x.
  const auto sampler = make_sampler("tpe", square(), {.seed = 2, .objectives = 2});
  const History history = run(
      *sampler, 100,
      [](Trial& trial) {
        const double x = number(trial.parameters, "x"), y = number(trial.parameters, "y");
        trial.values = {(1 - x) * (1 - x) + y, x * x + y};
      },
      2);
  std::set<int> quarters;
  for (const Trial& trial : history.trials) {
    if (number(trial.parameters, "y") < 0.1) quarters.insert(static_cast<int>(number(trial.parameters, "x") * 4));
  }
  EXPECT_EQ(quarters.size(), 4u);
}

TEST(Tpe, CountsPrunedTrialsThatWentFar) {
  // All are pruned; how far they came grows with x, their last values say nothing.
  const auto sampler = make_sampler("tpe", square(), {.seed = 6});
  const History history = run(*sampler, 60, [](Trial& trial) {
    trial.state = TrialState::pruned;
    trial.values = {1};
    trial.curve = {{100 * number(trial.parameters, "x"), 1}};
  });
  double mean = 0;
  for (std::size_t i = 40; i < 60; ++i) mean += number(history.trials[i].parameters, "x") / 20;
  EXPECT_GT(mean, 0.75);
}

}  // namespace
}  // namespace atelier
