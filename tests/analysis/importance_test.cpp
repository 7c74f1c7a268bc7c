#include "analysis/importance.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "framework/core/random.h"
#include "tests/analysis/made_comparison.h"

namespace atelier {
namespace {

using ::testing::HasSubstr;
using testing::MadeComparison;

/// eval.kid = log10(lr) + 4 (which is 0 to 3) + 0.1 width, of trials with lr in [1e-4, 0.1] on a logarithmic scale.
MadeComparison rates_and_widths(std::size_t trials) {
  MadeComparison made({{"eval.kid", false}});
  made.add_parameter("lr", true, std::pair(1e-4, 0.1));
  made->parameters[0].logarithmic = true;
  made.add_parameter("width", true);
  CounterRandom random(1, trials);
  for (std::size_t i = 0; i < trials; ++i) {
    const double power = -4 + 3 * random.uniform();
    const auto width = static_cast<std::int64_t>(random.below(4));
    made.add({{"lr", std::pow(10, power)}, {"width", width}},
             {{"eval.kid", power + 4 + 0.1 * static_cast<double>(width)}});
  }
  return made;
}

TEST(Importance, ParametersAreSortedByTheirShareWithTheirIntervals) {
  MadeComparison made = rates_and_widths(60);
  const std::vector<Importance> found = importance(*made);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_TRUE(found[0].enough);
  EXPECT_EQ(found[0].n, 60u);
  ASSERT_EQ(found[0].parameters.size(), 2u);
  const ParameterImportance& first = found[0].parameters[0];
  EXPECT_EQ(first.key, "lr");
  // Variances: 3^2 / 12 = 0.75 of the rate; 0.01 * 15 / 12 = 0.0125 of the width: 98.4 percent.
  EXPECT_NEAR(first.share, 0.984, 0.05);
  EXPECT_LE(first.low, first.share);
  EXPECT_GE(first.high, first.share);
  // The effect is told on the scale of the search: its first stretch lies at 1e-4 and a bit.
  ASSERT_EQ(first.effects.size(), 32u);
  EXPECT_NEAR(first.effects.front().at.number(), 1e-4 * std::pow(10, 3.0 / 64), 1e-9);
  EXPECT_LT(first.effects.front().expected, first.effects.back().expected);
  EXPECT_EQ(found[0].parameters[1].effects.size(), 4u);  // Four whole numbers are four cells.
}

TEST(Importance, TooFewTrialsAreSaidToBeTooFew) {
  MadeComparison made = rates_and_widths(19);
  const Importance found = importance(*made).front();
  EXPECT_FALSE(found.enough);
  EXPECT_TRUE(found.parameters.empty());
  EXPECT_EQ(found.not_enough, "19 trials have it; 20 would be enough for 2 parameters");
}

TEST(Importance, AnObjectiveThatIsAlwaysTheSameOrNoiseHasNoImportantParameter) {
  MadeComparison made = rates_and_widths(40);
  for (auto& trial : made->trials) trial.run.values["eval.kid"] = 1;
  EXPECT_THAT(importance(*made).front().not_enough, HasSubstr("the same in all trials"));
  CounterRandom noise(2, 0);
  for (auto& trial : made->trials) trial.run.values["eval.kid"] = noise.normal();
  EXPECT_THAT(importance(*made).front().not_enough, HasSubstr("the forest does not predict it"));
}

TEST(Importance, OnlyFinishedTrialsOnTheSameDataWithANumberCount) {
  MadeComparison made = rates_and_widths(30);
  made->trials[0].run.values["eval.kid"] = std::nan("");
  made->trials[1].run.values["eval.kid"] = std::numeric_limits<double>::infinity();
  made->trials[2].run.state = TrialState::failed;
  made->trials[3].run.state = TrialState::pruned;
  made->trials[4].comparable = false;
  EXPECT_EQ(importance(*made).front().n, 25u);
}

TEST(Importance, NothingAtAllIsAnsweredToo) {
  MadeComparison made({{"eval.kid", false}});
  EXPECT_FALSE(importance(*made).front().enough);
  made.add_parameter("lr", true);
  made.add({{"lr", 0.1}}, {}, TrialState::failed);
  EXPECT_EQ(importance(*made).front().n, 0u);
  EXPECT_EQ(importance(*made).front().not_enough, "no finished trial has it");
  EXPECT_FALSE(importance(*made).front().enough);
}

TEST(Importance, AParameterOfOneChoiceOnlyIsBlamedForWhatItDoesThere) {
  MadeComparison made({{"eval.kid", false}});
  made.add_parameter("norm", false);
  made.add_parameter("groups", true, std::pair(0.0, 1.0), {"norm"});
  made.add_parameter("width", true, std::pair(0.0, 1.0));
  CounterRandom random(3, 0);
  for (int i = 0; i < 120; ++i) {
    const bool group = random.below(2) == 1;
    const double groups = random.uniform(), width = random.uniform();
    std::vector<std::pair<std::string, Value>> chosen{{"norm", group ? "group" : "layer"}, {"width", width}};
    if (group) chosen.emplace_back("groups", groups);
    made.add(chosen, {{"eval.kid", group ? 2 * groups : 1}});
  }
  const Importance found = importance(*made).front();
  ASSERT_TRUE(found.enough);
  EXPECT_EQ(found.parameters[0].key, "groups");
  EXPECT_LT(found.parameters[0].n, 80u);
  EXPECT_GT(found.parameters[0].share, 0.8);
  // That it matters only under its condition is not told as an interaction.
  for (const Interaction& pair : found.interactions) EXPECT_FALSE(pair.first == "norm" && pair.second == "groups");
}

TEST(Importance, MaximizedAndMinimizedObjectivesKeepTheirUnits) {
  MadeComparison made = rates_and_widths(40);
  made->objectives[0].maximize = true;
  const Importance found = importance(*made).front();
  EXPECT_LT(found.parameters[0].effects.front().expected, found.parameters[0].effects.back().expected);
}

TEST(Importance, SeedsAreNoParameter) {
  MadeComparison made = rates_and_widths(40);
  made.add_parameter("seed", true);
  std::int64_t seed = 0;
  for (auto& trial : made->trials) trial.run.parameters.items.emplace_back("seed", Value(seed++));
  EXPECT_EQ(importance(*made).front().parameters.size(), 2u);
}

TEST(Importance, TheJsonHasTheFormThatThePageDraws) {
  MadeComparison made = rates_and_widths(40);
  const Json json = importance_json(importance(*made));
  EXPECT_EQ(json[0]["objective"], "eval.kid");
  EXPECT_EQ(json[0]["n"], 40);
  EXPECT_EQ(json[0]["enough"], true);
  for (const char* key : {"key", "share", "low", "high"}) EXPECT_TRUE(json[0]["parameters"][0].contains(key)) << key;
  EXPECT_EQ(json[0]["interactions"][0]["keys"].size(), 2u);
}

}  // namespace
}  // namespace atelier
