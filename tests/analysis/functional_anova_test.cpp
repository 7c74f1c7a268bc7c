#include "analysis/statistics/functional_anova.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <stdexcept>

#include "framework/core/random.h"

namespace atelier {
namespace {

using Function = std::function<double(std::span<const double>)>;

/// Random points of the unit cube in 32 cells an axis.
CellTable sampled(std::size_t axes, std::size_t rows, const Function& function, std::uint64_t draw = 0) {
  CellTable table;
  table.axes.assign(axes, {32, true});
  table.cells.resize(axes);
  CounterRandom random(3, rows, draw);
  std::vector<double> point(axes);
  for (std::size_t row = 0; row < rows; ++row) {
    for (std::size_t axis = 0; axis < axes; ++axis) {
      point[axis] = random.uniform();
      table.cells[axis].push_back(static_cast<std::uint8_t>(point[axis] * 32));
    }
    table.values.push_back(function(point));
  }
  return table;
}

/// Ishigami and Homma 1990 with a = 7, b = 0.1. Its indices in closed form (Saltelli, Sensitivity Analysis, 2000,
/// section 2.9): first order 0.3139, 0.4424, 0; total 0.5576, 0.4424, 0.2437; the pair (1, 3) 0.2437.
double ishigami(std::span<const double> u) {
  const auto x = [&](std::size_t i) { return std::numbers::pi * (2 * u[i] - 1); };
  return std::sin(x(0)) + 7 * std::pow(std::sin(x(1)), 2) + 0.1 * std::pow(x(2), 4) * std::sin(x(0));
}

/// Variances of the terms are as the squares of the factors: shares 16, 9, 4 and 1 of 30, all of first order.
double additive(std::span<const double> u) { return 4 * u[0] + 3 * u[1] + 2 * u[2] + u[3]; }

std::vector<std::size_t> order_of(const FunctionalAnova& anova) {
  std::vector<std::size_t> order(anova.inputs.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return anova.inputs[a].total > anova.inputs[b].total; });
  return order;
}

TEST(FunctionalAnova, SharesOfIshigamisFunctionAreItsSobolIndices) {
  const FunctionalAnova anova = functional_anova(sampled(3, 1000, ishigami));
  EXPECT_NEAR(anova.inputs[0].total, 0.5576, 0.1);
  EXPECT_NEAR(anova.inputs[1].total, 0.4424, 0.1);
  EXPECT_NEAR(anova.inputs[2].total, 0.2437, 0.1);
  EXPECT_NEAR(anova.inputs[0].alone, 0.3139, 0.1);
  EXPECT_NEAR(anova.inputs[1].alone, 0.4424, 0.1);
  EXPECT_NEAR(anova.inputs[2].alone, 0, 0.05);
  EXPECT_GT(anova.explained, 0.8);
  ASSERT_FALSE(anova.pairs.empty());
  EXPECT_EQ(anova.pairs.front().first, 0u);
  EXPECT_EQ(anova.pairs.front().second, 2u);
  EXPECT_NEAR(anova.pairs.front().share, 0.2437, 0.1);
}

TEST(FunctionalAnova, InputsWithoutEffectHaveNone) {
  const FunctionalAnova anova = functional_anova(sampled(6, 300, ishigami));
  for (std::size_t i = 3; i < 6; ++i) EXPECT_LT(anova.inputs[i].total, 0.05);
}

TEST(FunctionalAnova, AnAdditiveFunctionHasSharesInTheOrderOfItsFactorsAndNoInteraction) {
  const FunctionalAnova anova = functional_anova(sampled(4, 300, additive));
  EXPECT_THAT(order_of(anova), ::testing::ElementsAre(0, 1, 2, 3));
  const double shares[] = {16 / 30., 9 / 30., 4 / 30., 1 / 30.};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(anova.inputs[i].total, shares[i], 0.15);
    EXPECT_NEAR(anova.inputs[i].alone, anova.inputs[i].total, 0.06);
  }
  for (const FunctionalAnova::Pair& pair : anova.pairs) EXPECT_LT(pair.share, 0.05);
}

TEST(FunctionalAnova, TheEffectOfAnInputIsWhatItDoesToTheMean) {
  const FunctionalAnova anova = functional_anova(sampled(4, 1000, additive));
  // Along the first axis the mean rises by 4, from 3 to 7 at the ends; cells at the ends are averages over their
  // neighbours.
  EXPECT_NEAR(anova.inputs[0].effect.front(), 3, 0.5);
  EXPECT_NEAR(anova.inputs[0].effect[15], 5, 0.3);
  EXPECT_NEAR(anova.inputs[0].effect.back(), 7, 0.5);
}

TEST(FunctionalAnova, IntervalsHoldTheTrueIndexAboutAsOftenAsPromised) {
  const double truth[] = {0.5576, 0.4424, 0.2437};
  std::size_t held = 0;
  for (std::uint64_t draw = 0; draw < 20; ++draw) {
    const FunctionalAnova anova = functional_anova(sampled(3, 300, ishigami, draw));
    for (std::size_t i = 0; i < 3; ++i)
      held += anova.inputs[i].low <= truth[i] && truth[i] <= anova.inputs[i].high ? 1 : 0;
  }
  EXPECT_GE(held, 53u);  // Of 60.
}

TEST(FunctionalAnova, FewTrialsRankTheLargestFirst) {
  std::size_t right = 0;
  for (std::uint64_t draw = 0; draw < 20; ++draw)
    right += order_of(functional_anova(sampled(4, 30, additive, draw))).front() == 0;
  EXPECT_GE(right, 15u);
}

TEST(FunctionalAnova, ASamplerThatConcentratesDoesNotHideWhatMatters) {
  // Most rows lie where the first input is nearly constant, as a sampler that learns leaves them.
  CellTable table;
  table.axes.assign(3, {32, true});
  table.cells.resize(3);
  CounterRandom random(4, 0);
  for (int row = 0; row < 150; ++row) {
    double u[3];
    for (double& each : u) each = random.uniform();
    if (row >= 30) u[0] = 0.1 + 0.05 * u[0];
    for (std::size_t axis = 0; axis < 3; ++axis) table.cells[axis].push_back(static_cast<std::uint8_t>(u[axis] * 32));
    table.values.push_back(4 * u[0] + 2 * u[1] + u[2]);
  }
  EXPECT_THAT(order_of(functional_anova(table)), ::testing::ElementsAre(0, 1, 2));
}

TEST(FunctionalAnova, PureNoiseIsNotPredicted) {
  int predicted = 0;
  for (std::uint64_t draw = 0; draw < 50; ++draw) {
    CounterRandom noise(5, draw);
    const CellTable table = sampled(
        4, 24, [&](auto) { return noise.normal(); }, draw);
    predicted += functional_anova(table).explained >= 0.15 ? 1 : 0;
  }
  EXPECT_LE(predicted, 5);
}

TEST(FunctionalAnova, ChoicesCountWhateverTheirOrder) {
  // Choices 1 and 3 of five are bad; no order of the cells makes that one cut.
  CellTable table;
  table.axes = {{5, false}, {32, true}};
  table.cells.resize(2);
  CounterRandom random(6, 0);
  for (int row = 0; row < 100; ++row) {
    table.cells[0].push_back(static_cast<std::uint8_t>(random.below(5)));
    table.cells[1].push_back(static_cast<std::uint8_t>(random.below(32)));
    table.values.push_back(table.cells[0].back() % 2 + table.cells[1].back() / 64.0);
  }
  const FunctionalAnova anova = functional_anova(table);
  // Variances: 2/5 * 3/5 = 0.24 of the choice, 0.5^2 / 12 = 0.0208 of the other: 92 and 8 percent.
  EXPECT_NEAR(anova.inputs[0].total, 0.92, 0.06);
  EXPECT_NEAR(anova.inputs[1].total, 0.08, 0.06);
}

TEST(FunctionalAnova, AnInputThatOnlySomeRowsHaveCountsWhereTheyHaveIt) {
  // The first decides whether there is a second; only the second changes anything. Half of the space has variance 4/12
  // and the mean 1, the other half is 1: all of the variance goes with the second input.
  CellTable table;
  table.axes = {{2, false}, {32, true}, {32, true}};
  table.cells.resize(3);
  CounterRandom random(7, 0);
  for (int row = 0; row < 200; ++row) {
    const bool has = random.below(2) == 1;
    table.cells[0].push_back(has ? 1 : 0);
    table.cells[1].push_back(has ? static_cast<std::uint8_t>(random.below(32)) : CellTable::absent);
    table.cells[2].push_back(static_cast<std::uint8_t>(random.below(32)));
    table.values.push_back(has ? table.cells[1].back() / 16.0 : 1.0);
  }
  table.gates[1] = {0, 0b10};
  const FunctionalAnova anova = functional_anova(table);
  EXPECT_GT(anova.inputs[1].total, 0.9);
  EXPECT_LT(anova.inputs[0].alone, 0.1);
  EXPECT_LT(anova.inputs[2].total, 0.1);
}

TEST(FunctionalAnova, FewTrialsThatDivergedDoNotDecide) {
  CellTable table = sampled(4, 100, additive);
  for (std::size_t row = 0; row < 100; ++row) {
    if (row == 17 || row == 60) table.values[row] = 1e6;
  }
  EXPECT_THAT(order_of(functional_anova(table)).front(), 0u);
}

TEST(FunctionalAnova, DegenerateTablesAreAnsweredOrRefused) {
  const FunctionalAnova equal = functional_anova(sampled(2, 30, [](auto) { return 3.0; }));
  EXPECT_EQ(equal.inputs[0].total, 0);
  EXPECT_EQ(equal.explained, 0);
  const FunctionalAnova one = functional_anova(sampled(2, 1, [](auto) { return 1.0; }));
  EXPECT_EQ(one.inputs[0].total, 0);
  EXPECT_THROW(functional_anova(CellTable{}), std::invalid_argument);
  CellTable wide = sampled(1, 10, [](auto u) { return u[0]; });
  wide.axes[0].cells = 65;
  EXPECT_THROW(functional_anova(wide), std::invalid_argument);
}

TEST(FunctionalAnova, TheSameTableGivesTheSameNumbers) {
  const CellTable table = sampled(3, 100, ishigami);
  const FunctionalAnova a = functional_anova(table), b = functional_anova(table);
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(a.inputs[i].total, b.inputs[i].total);
    EXPECT_EQ(a.inputs[i].low, b.inputs[i].low);
  }
}

}  // namespace
}  // namespace atelier
