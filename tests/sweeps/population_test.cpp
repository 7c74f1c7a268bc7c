#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "tests/error_of.h"
#include "tests/sweeps/sampler_trials.h"

namespace atelier {
namespace {

struct Population {
  SearchSpace space =
      space_of("rate = { log = [1e-4, 1.0] }\nwidth = { int = [4, 64] }\nnorm = { choice = [\"x\", \"y\"] }\n",
               {"rate", "width", "norm"});
  std::unique_ptr<Sampler> sampler = make_sampler_with({{"population", 8}}, "pbt", space, {.seed = 6});
  History history;

  /// A whole generation; member i of the first has the value i.
  void add_generation(const std::vector<double>& values) {
    const auto first = static_cast<std::int64_t>(history.trials.size());
    const History before = history;
    for (std::int64_t i = 0; i < 8; ++i) {
      history.trials.push_back(
          finished(first + i, sampler->suggest(first + i, before)->parameters, {values[static_cast<std::size_t>(i)]}));
    }
  }
};

const std::vector<double> rising{0, 1, 2, 3, 4, 5, 6, 7};

TEST(PopulationBasedTraining, TheFirstGenerationIsSpreadAndHasNoParents) {
  Population p;
  p.add_generation(rising);
  for (std::int64_t i = 0; i < 8; ++i) EXPECT_FALSE(p.sampler->suggest(i, {})->parent);
  // Each eighth of the logarithmic range once.
  std::vector<bool> seen(8);
  for (const Trial& trial : p.history.trials) {
    seen[static_cast<std::size_t>(
        std::min(7.0, p.space.dimensions()[0].position(*find(trial.parameters, "rate")) * 8))] = true;
  }
  EXPECT_EQ(std::count(seen.begin(), seen.end(), true), 8);
}

TEST(PopulationBasedTraining, AMemberGoesOnFromItsOwnTrial) {
  Population p;
  p.add_generation(rising);
  for (std::int64_t i = 0; i < 6; ++i) {
    const Suggestion next = *p.sampler->suggest(8 + i, p.history);
    EXPECT_EQ(next.parent, i);
    EXPECT_EQ(next.parameters, p.history.trials[static_cast<std::size_t>(i)].parameters);
  }
}

TEST(PopulationBasedTraining, TheWorstQuarterTakesOverTheBestAndPerturbsIt) {
  Population p;
  p.add_generation(rising);
  for (const std::int64_t i : {6, 7}) {
    const Suggestion next = *p.sampler->suggest(8 + i, p.history);
    ASSERT_TRUE(next.parent == 0 || next.parent == 1);
    const Parameters& from = p.history.trials[static_cast<std::size_t>(*next.parent)].parameters;
    const double factor = number(next.parameters, "rate") / number(from, "rate");
    const bool at_end = number(next.parameters, "rate") == 1.0 || number(next.parameters, "rate") == 1e-4;
    EXPECT_TRUE(std::fabs(factor - 0.8) < 1e-9 || std::fabs(factor - 1.25) < 1e-9 || at_end) << factor;
    EXPECT_NE(number(next.parameters, "width"), number(from, "width"));  // whole numbers move by one at least
    EXPECT_TRUE(belongs(p.space, next.parameters));
  }
}

TEST(PopulationBasedTraining, WaitsForTheGenerationBefore) {
  Population p;
  p.add_generation(rising);
  p.history.trials[3].state = TrialState::running;
  p.history.trials[3].values.clear();
  for (std::int64_t i = 8; i < 16; ++i) EXPECT_FALSE(p.sampler->suggest(i, p.history));
  EXPECT_TRUE(p.sampler->suggest(5, p.history));
  p.history.trials.erase(p.history.trials.begin() + 3);  // not even begun
  EXPECT_FALSE(p.sampler->suggest(8, p.history));
}

TEST(PopulationBasedTraining, AFailedTrialIsReplacedByAGoodOne) {
  Population p;
  p.add_generation(rising);
  p.history.trials[2].state = TrialState::failed;
  p.history.trials[2].values.clear();
  const Suggestion next = *p.sampler->suggest(8 + 2, p.history);
  EXPECT_TRUE(next.parent == 0 || next.parent == 1);
  // The failed one is among the worst two; of the others only the last is.
  EXPECT_EQ(p.sampler->suggest(8 + 6, p.history)->parent, 6);
  EXPECT_NE(p.sampler->suggest(8 + 7, p.history)->parent, 7);
}

TEST(PopulationBasedTraining, BeginsAnewWhenAllHaveFailed) {
  Population p;
  p.add_generation(rising);
  for (Trial& trial : p.history.trials) {
    trial.state = TrialState::failed;
    trial.values.clear();
  }
  const Suggestion next = *p.sampler->suggest(8, p.history);
  EXPECT_FALSE(next.parent);
  EXPECT_TRUE(belongs(p.space, next.parameters));
}

TEST(PopulationBasedTraining, MovesThePopulationTowardsWhatIsGood) {
  // Judged by the rate alone, best at 0.01: after ten generations most of the population is within a factor of 4.
  Population p;
  for (int generation = 0; generation < 12; ++generation) {
    const History before = p.history;
    const auto first = static_cast<std::int64_t>(p.history.trials.size());
    for (std::int64_t i = 0; i < 8; ++i) {
      Trial trial = finished(first + i, p.sampler->suggest(first + i, before)->parameters, {});
      trial.values = {std::fabs(std::log10(number(trial.parameters, "rate")) + 2)};
      p.history.trials.push_back(std::move(trial));
    }
  }
  const auto good = std::count_if(p.history.trials.end() - 8, p.history.trials.end(),
                                  [](const Trial& t) { return t.values[0] < std::log10(4); });
  EXPECT_GE(good, 6);
}

TEST(PopulationBasedTraining, PerturbsConditionalSpacesAndRefusesAPopulationOfOne) {
  const SearchSpace space = mixed_space();
  const auto sampler = make_sampler_with({{"population", 8}}, "pbt", space, {});
  History history;
  for (std::int64_t i = 0; i < 8; ++i)
    history.trials.push_back(finished(i, sampler->suggest(i, {})->parameters, {static_cast<double>(i)}));
  for (int seed = 0; seed < 50; ++seed) {
    EXPECT_TRUE(belongs(space, make_sampler("pbt", space, {.seed = seed})->suggest(15, history)->parameters));
  }
  EXPECT_NE(error_of<UsageError>([&] {
              make_sampler_with({{"population", 1}}, "pbt", space, {});
            }).find("at least 2"),
            std::string::npos);
}

}  // namespace
}  // namespace atelier
