#include "sweeps/pareto.h"

#include <gtest/gtest.h>

#include <cmath>

namespace atelier {
namespace {

using Points = std::vector<std::vector<double>>;
using Fronts = std::vector<std::vector<std::size_t>>;

TEST(Pareto, APointDominatesWhenItIsNowhereWorseAndSomewhereBetter) {
  EXPECT_TRUE(dominates(std::vector<double>{1, 2}, std::vector<double>{1, 3}));
  EXPECT_FALSE(dominates(std::vector<double>{1, 2}, std::vector<double>{1, 2}));
  EXPECT_FALSE(dominates(std::vector<double>{1, 2}, std::vector<double>{0, 3}));
}

TEST(Pareto, FrontsAreThoseOfAHandDrawnExample) {
  // 0, 1 and 3 lie on a falling line; 2 is above 1; 4 above everything; 5 equals 1.
  const Points points{{1, 4}, {2, 2}, {3, 2}, {4, 1}, {5, 5}, {2, 2}};
  EXPECT_EQ(non_dominated_fronts(points), (Fronts{{0, 1, 3, 5}, {2}, {4}}));
  EXPECT_TRUE(non_dominated_fronts(Points{}).empty());
}

TEST(Pareto, CrowdingIsTheGapBetweenNeighboursInEachObjective) {
  const Points points{{0, 10}, {1, 6}, {4, 5}, {10, 0}};
  const std::vector<std::size_t> front{0, 1, 2, 3};
  const std::vector<double> distances = crowding_distances(points, front);
  EXPECT_TRUE(std::isinf(distances[0]));
  EXPECT_TRUE(std::isinf(distances[3]));
  EXPECT_DOUBLE_EQ(distances[1], 4.0 / 10 + 5.0 / 10);  // (4 - 0) and (10 - 5)
  EXPECT_DOUBLE_EQ(distances[2], 9.0 / 10 + 6.0 / 10);  // (10 - 1) and (6 - 0)
}

TEST(Hypervolume, OfTwoObjectivesIsTheAreaUnderTheStaircase) {
  // Strips of a drawing on squared paper: (4-1)*(4-3) + (4-2)*(3-2) + (4-3)*(2-1) = 3 + 2 + 1.
  const std::vector<double> reference{4, 4};
  EXPECT_DOUBLE_EQ(hypervolume(Points{{1, 3}, {2, 2}, {3, 1}}, reference), 6);
  EXPECT_DOUBLE_EQ(hypervolume(Points{{3, 1}, {2, 2}, {1, 3}, {3, 3}, {2, 2}, {5, 0}}, reference),
                   6);  // the others add nothing
  EXPECT_DOUBLE_EQ(hypervolume(Points{}, reference), 0);
  EXPECT_DOUBLE_EQ(hypervolume(Points{{4, 0}}, reference), 0);
}

TEST(Hypervolume, OfMoreObjectivesIsThatOfBoxesByInclusionAndExclusion) {
  // Three boxes 1 x 2 x 2 in a cube of side 2, each pair meeting in 1 x 1 x 2, all three in 1: 12 - 6 + 1.
  const std::vector<double> cube{2, 2, 2};
  EXPECT_DOUBLE_EQ(hypervolume(Points{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, cube), 12 - 6 + 1);
  EXPECT_DOUBLE_EQ(hypervolume(Points{{1, 0, 0}}, cube), 4);
  // Four dimensions: two boxes of 2^3 * 1 that meet in 2^2.
  EXPECT_DOUBLE_EQ(hypervolume(Points{{1, 0, 0, 0}, {0, 0, 0, 1}}, std::vector<double>{2, 2, 2, 2}), 8 + 8 - 4);
}

TEST(OrderOfMerit, PutsFeasibleBeforePrunedBeforeInfeasibleBeforeFailed) {
  const auto trial = [](std::int64_t number, TrialState state, std::vector<double> values,
                        std::vector<double> violations = {}, double reached = 0) {
    Trial t;
    t.number = number;
    t.state = state;
    t.values = std::move(values);
    t.violations = std::move(violations);
    t.curve = {{reached, 0.0}};
    return t;
  };
  const std::vector<Trial> trials{
      trial(0, TrialState::failed, {}),          trial(1, TrialState::finished, {0}, {0.5, 0.5}),
      trial(2, TrialState::pruned, {1}, {}, 10), trial(3, TrialState::finished, {5}, {-1, 0}),
      trial(4, TrialState::running, {}),         trial(5, TrialState::pruned, {2}, {}, 20),
      trial(6, TrialState::finished, {4}),       trial(7, TrialState::finished, {9}, {0.9, -5}),
  };
  std::vector<const Trial*> pointers;
  for (const Trial& t : trials) pointers.push_back(&t);
  // Of the pruned 5 came farther; of the infeasible 7 misses 0.9 and 1 misses 1.
  EXPECT_EQ(order_of_merit(pointers), (std::vector<std::size_t>{6, 3, 5, 2, 7, 1, 0}));
}

TEST(OrderOfMerit, OfOneFrontPutsItsEndsFirst) {
  std::vector<Trial> trials(4);
  const Points values{{1, 3}, {1.9, 2.1}, {2, 2}, {3, 1}};
  std::vector<const Trial*> pointers;
  for (std::size_t i = 0; i < 4; ++i) {
    trials[i].number = static_cast<std::int64_t>(i);
    trials[i].state = TrialState::finished;
    trials[i].values = values[i];
    pointers.push_back(&trials[i]);
  }
  // 1 and 2 are close to each other; 2 is a little farther from the end beside it.
  EXPECT_EQ(order_of_merit(pointers), (std::vector<std::size_t>{0, 3, 2, 1}));
}

}  // namespace
}  // namespace atelier
