#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "analysis/statistics/correlation.h"
#include "analysis/statistics/domination.h"
#include "analysis/statistics/rank_bootstrap.h"
#include "analysis/statistics/rank_sum.h"
#include "analysis/statistics/student_t.h"
#include "framework/core/random.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/json_lines.h"

namespace atelier {
namespace {

/// What SciPy says; made by statistics_golden.py.
const Json& golden() {
  static const Json parsed =
      Json::parse(read_file(std::string(ATELIER_SOURCE_DIR) + "/tests/analysis/statistics_golden.json"));
  return parsed;
}

std::vector<double> list(const Json& json) { return json.get<std::vector<double>>(); }

TEST(StudentT, QuantilesAndProbabilitiesAreSciPys) {
  for (const Json& each : golden()["student"]) {
    const double t = each["t"], probability = each["probability"], freedom = each["freedom"];
    EXPECT_NEAR(student_t_quantile(probability, freedom), t, 1e-9 * (1 + std::abs(t))) << each;
    EXPECT_NEAR(student_t_cumulative(t, freedom), probability, 1e-12) << each;
  }
}

TEST(StudentT, TheIntervalOfAMeanIsSciPys) {
  for (const Json& each : golden()["means"]) {
    const Interval interval = mean_interval(list(each["values"]));
    EXPECT_NEAR(interval.middle, each["mean"].get<double>(), 1e-12);
    EXPECT_NEAR(interval.low, each["low"].get<double>(), 1e-9);
    EXPECT_NEAR(interval.high, each["high"].get<double>(), 1e-9);
    EXPECT_EQ(interval.n, each["values"].size());
  }
}

TEST(StudentT, OneNumberHasAMeanAndNoInterval) {
  const std::vector<double> one{0.4};
  EXPECT_EQ(mean_interval(one).middle, 0.4);
  EXPECT_FALSE(mean_interval(one).known());
  EXPECT_FALSE(mean_interval({}).known());
  const std::vector<double> equal{0.4, 0.4, 0.4};
  EXPECT_DOUBLE_EQ(mean_interval(equal).low, 0.4);
}

TEST(StudentT, TheDifferenceOfTwoMeansIsWelchs) {
  for (const Json& each : golden()["differences"]) {
    const Interval interval = mean_difference(list(each["first"]), list(each["second"]));
    EXPECT_NEAR(interval.low, each["low"].get<double>(), 1e-9);
    EXPECT_NEAR(interval.high, each["high"].get<double>(), 1e-9);
  }
}

TEST(RankSum, PIsThatOfSciPyAndOfCountingAllDealsWhereThereAreTies) {
  for (const Json& each : golden()["rank_sums"]) {
    const RankSumTest test = rank_sum_test(list(each["first"]), list(each["second"]));
    EXPECT_EQ(test.u, each["u"].get<double>());
    EXPECT_NEAR(test.p, each["p"].get<double>(), 1e-12) << each;
    EXPECT_NEAR(test.shift.middle, each["shift"].get<double>(), 1e-12);
    // Up to 60 values are counted, however many ways there are.
    EXPECT_EQ(test.exact, each["exact"].get<bool>());
  }
}

TEST(RankSum, TheShiftLiesWhereTheExactTestDoesNotRefuseIt) {
  for (const Json& each : golden()["rank_sums"]) {
    if (!each.contains("interval")) continue;
    const Interval shift = rank_sum_test(list(each["first"]), list(each["second"])).shift;
    EXPECT_EQ(shift.known(), !each["interval"].is_null()) << each;
    if (!shift.known()) continue;
    EXPECT_NEAR(shift.low, each["interval"][0].get<double>(), 1e-12);
    EXPECT_NEAR(shift.high, each["interval"][1].get<double>(), 1e-12);
  }
}

TEST(RankSum, GroupsThatAreAllEqualDoNotDiffer) {
  const std::vector<double> equal(5, 1.0), many(50, 1.0);
  EXPECT_EQ(rank_sum_test(equal, equal).p, 1);
  EXPECT_EQ(rank_sum_test(many, many).p, 1);
}

TEST(RankCorrelation, IsSpearmansWithBonettAndWrightsInterval) {
  for (const Json& each : golden()["correlations"]) {
    const Interval r = rank_correlation(list(each["a"]), list(each["b"]));
    EXPECT_NEAR(r.middle, each["r"].get<double>(), 1e-12);
    EXPECT_NEAR(r.low, each["low"].get<double>(), 1e-9);
    EXPECT_NEAR(r.high, each["high"].get<double>(), 1e-9);
  }
}

TEST(RankCorrelation, AnotherLevelWidensTheIntervalOnFishersScale) {
  const std::vector<double> a{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, b{2, 1, 4, 3, 6, 5, 8, 7, 10, 9};
  const auto half = [](const Interval& r) { return std::atanh(r.high) - std::atanh(r.middle); };
  // The quantiles of the normal distribution at 99.5 % and 97.5 %.
  EXPECT_NEAR(half(rank_correlation(a, b, 0.99)) / half(rank_correlation(a, b)), 2.5758293035489 / 1.95996398454005,
              1e-9);
}

TEST(RankCorrelation, FewOrEqualNumbersHaveNoInterval) {
  const std::vector<double> few{1, 2, 3}, equal(20, 1.0);
  EXPECT_EQ(rank_correlation(few, few).middle, 1);
  EXPECT_FALSE(rank_correlation(few, few).known());
  EXPECT_FALSE(rank_correlation(equal, equal).known());
}

TEST(Domination, CountsThoseThatAreNoWorseInAllAndBetterInOne) {
  for (const Json& each : golden()["dominations"]) {
    EXPECT_EQ(dominated_by(each["scores"].get<std::vector<Scores>>()),
              each["dominated_by"].get<std::vector<std::size_t>>());
  }
  EXPECT_TRUE(dominated_by({}).empty());
}

/// Settings whose true means are 0, 1, 2, ... spreads apart, each measured with some seeds.
std::vector<std::vector<Scores>> settings_with_seeds(std::size_t settings, std::size_t seeds, double apart,
                                                     std::uint64_t draw) {
  std::vector<std::vector<Scores>> measured(settings);
  CounterRandom random(1, 2, draw);
  for (std::size_t i = 0; i < settings; ++i) {
    for (std::size_t seed = 0; seed < seeds; ++seed) {
      measured[i].push_back({apart * static_cast<double>(i) + random.normal()});
    }
  }
  return measured;
}

TEST(RankBootstrap, TheTrueRankLiesInTheRangeAboutAsOftenAsPromised) {
  std::size_t held = 0, all = 0;
  for (std::uint64_t draw = 0; draw < 100; ++draw) {
    const auto ranks = rank_bootstrap(settings_with_seeds(8, 3, 0.7, draw));
    ASSERT_TRUE(ranks);
    for (std::size_t i = 0; i < ranks->size(); ++i, ++all) {
      held += (*ranks)[i].low <= i + 1 && i + 1 <= (*ranks)[i].high ? 1 : 0;
    }
  }
  EXPECT_GE(static_cast<double>(held) / static_cast<double>(all), 0.92);
}

TEST(RankBootstrap, WhatIsFarApartIsSureAndWhatIsEqualIsNot) {
  const auto apart = rank_bootstrap(settings_with_seeds(4, 3, 100, 0));
  ASSERT_TRUE(apart);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ((*apart)[i].low, i + 1);
    EXPECT_EQ((*apart)[i].high, i + 1);
  }
  EXPECT_EQ((*apart)[0].best, 1);
  // Of equal settings none is surely first.
  const auto equal = rank_bootstrap(settings_with_seeds(4, 5, 0, 1));
  ASSERT_TRUE(equal);
  for (const RankRange& rank : *equal) EXPECT_GT(rank.high - rank.low, 1u);
}

TEST(RankBootstrap, SettingsThatRanOnceSayNothingAboutTheirSpread) {
  EXPECT_FALSE(rank_bootstrap(settings_with_seeds(10, 1, 1, 0)));
  EXPECT_FALSE(rank_bootstrap(settings_with_seeds(1, 3, 1, 0)));  // Two free deviations.
  // Those with several seeds lend theirs to those with one.
  auto mixed = settings_with_seeds(3, 3, 1, 0);
  mixed.push_back({{0.5}});
  EXPECT_TRUE(rank_bootstrap(mixed));
}

TEST(RankBootstrap, BySeveralObjectivesRankOneIsTheFront) {
  // Two settings far ahead, each in one objective, and one behind both.
  std::vector<std::vector<Scores>> measured{
      {{0, 9}, {0.1, 9.1}, {0.2, 9}}, {{9, 0}, {9.1, 0.1}, {9, 0.2}}, {{9.6, 9.6}, {9.7, 9.7}, {9.6, 9.7}}};
  const auto ranks = rank_bootstrap(measured);
  ASSERT_TRUE(ranks);
  EXPECT_EQ((*ranks)[0].best, 1);
  EXPECT_EQ((*ranks)[1].best, 1);
  EXPECT_EQ((*ranks)[2].low, 3u);
}

}  // namespace
}  // namespace atelier
