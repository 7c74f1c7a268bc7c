#include "sweeps/pruner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <queue>

#include "experiments/kind.h"
#include "framework/core/error.h"
#include "framework/core/random.h"
#include "tests/error_of.h"

namespace atelier {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using Curve = std::vector<std::pair<double, double>>;

using Keys = std::vector<std::pair<std::string, Value>>;

constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// With keys of [prune].
std::unique_ptr<Pruner> make_pruners(const std::vector<std::string>& names, const Keys& keys) {
  OptionsByName<PrunerEntry> options("pruner", pruners(pruner_presets()));
  Fields fields;
  fields.begin("prune");
  options.describe(fields, Role::bookkeeping);
  fields.end();
  for (const auto& [key, value] : keys) fields.find("prune." + key)->assign(value, {"a test", {}});
  return atelier::make_pruners(names, options);
}

std::unique_ptr<Pruner> make_pruner(const std::string& name, const Keys& keys = {}) {
  return make_pruners({name}, keys);
}

Trial trial(std::int64_t number, Curve curve, TrialState state = TrialState::running, std::string reason = "") {
  return {.number = number, .state = state, .reason = std::move(reason), .curve = std::move(curve)};
}

Trial waiting_at_rung(std::int64_t number, Curve curve) {
  return trial(number, std::move(curve), TrialState::pruned, "asha: number 2 of 2 trials at 1");
}

/// Whether the newest record of the trial with this number ends it.
std::optional<std::string> ends(const Pruner& pruner, const History& history, std::int64_t number) {
  const Trial& judged = *history.find(number);
  std::vector<Record> records;
  for (const auto& [at, value] : judged.curve) records.push_back({at, {{"value", value}}});
  return pruner.reason_to_end(judged, records, history);
}

TEST(Asha, TheFirstOfARungWaitUntilOneInThreeMayGoOn) {
  const auto asha = make_pruner("asha", {{"min", 1}, {"max", 27}, {"factor", 3}});
  History history;
  history.trials = {trial(0, {{1, 3}})};
  EXPECT_THAT(ends(*asha, history, 0).value_or(""), StartsWith("asha: number 1 of 1 trial at 1"));
  history.trials = {waiting_at_rung(0, {{1, 3}}), trial(1, {{1, 4}})};
  EXPECT_TRUE(ends(*asha, history, 1));
  EXPECT_EQ(asha->to_continue(history), std::nullopt);
  // The third arrives: one of the three goes on. It is not the third itself, but the first, which waits.
  history.trials = {waiting_at_rung(0, {{1, 3}}), waiting_at_rung(1, {{1, 4}}), trial(2, {{1, 5}})};
  EXPECT_TRUE(ends(*asha, history, 2));
  EXPECT_EQ(asha->to_continue(history), 0);
  // A better third goes on itself.
  history.trials[2] = trial(2, {{1, 2}});
  EXPECT_EQ(ends(*asha, history, 2), std::nullopt);
  EXPECT_EQ(asha->to_continue(history), std::nullopt);
}

// Rungs at 1, 3 and 9 with factor 3, by hand:
//   at 1: values 10 20 30 40 50 60 (trials 0 to 5): two go on: 0 and 1.
//   at 3: trials 0 (11), 1 (9), 2 (12): one goes on: 1.
TEST(Asha, ContinuesTheBestOfTheHighestRung) {
  const auto asha = make_pruner("asha", {{"min", 1}, {"max", 27}, {"factor", 3}});
  History history;
  history.trials = {waiting_at_rung(0, {{1, 10}, {3, 11}}), waiting_at_rung(1, {{1, 20}, {3, 9}}),
                    waiting_at_rung(2, {{1, 30}, {3, 12}}), waiting_at_rung(3, {{1, 40}}),
                    waiting_at_rung(4, {{1, 50}}),          waiting_at_rung(5, {{1, 60}})};
  EXPECT_EQ(asha->to_continue(history), 1);
  history.trials[1].state = TrialState::running;
  // At 1 the best two have been beyond it already.
  EXPECT_EQ(asha->to_continue(history), std::nullopt);
  // Nine trials at 1 make room for three: the new one with 5, and 0 and 1.
  history.trials.push_back(waiting_at_rung(6, {{1, 70}}));
  history.trials.push_back(waiting_at_rung(7, {{1, 5}}));
  history.trials.push_back(waiting_at_rung(8, {{1, 80}}));
  EXPECT_EQ(asha->to_continue(history), 7);
}

TEST(Asha, JudgesOnlyTheReportThatReachesARung) {
  const auto asha = make_pruner("asha", {{"min", 10}, {"max", 1000}, {"factor", 2}});
  History history;
  for (std::int64_t i = 0; i < 4; ++i) history.trials.push_back(trial(i, {{10, 1.0 + static_cast<double>(i)}}));
  history.trials.push_back(trial(4, {{5, 9}}));
  EXPECT_EQ(ends(*asha, history, 4), std::nullopt);
  history.trials[4].curve = {{5, 9}, {12, 9}};  // the first at or after 10
  EXPECT_TRUE(ends(*asha, history, 4));
  history.trials[4].curve = {{5, 9}, {12, 9}, {19, 9}};
  EXPECT_EQ(ends(*asha, history, 4), std::nullopt);
  history.trials[4].curve = {{5, 9}, {12, 9}, {19, 9}, {20, 9}};
  EXPECT_TRUE(ends(*asha, history, 4));
  // A later record that does not hold the objective is no arrival.
  const Trial& judged = history.trials[4];
  EXPECT_EQ(asha->reason_to_end(judged, std::vector<Record>{{20, {{"value", 9}}}, {21, {{"other", 1}}}}, history),
            std::nullopt);
  // A complete trial is not judged.
  history.trials[4].curve = {{5, 9}, {1000, 9}};
  history.trials[4].curve.insert(history.trials[4].curve.begin() + 1, {640, 9});
  EXPECT_EQ(ends(*asha, history, 4), std::nullopt);
}

TEST(Asha, WhatIsNotANumberNeverGoesOn) {
  const auto asha = make_pruner("asha", {{"min", 1}, {"factor", 2}});
  History history;
  history.trials = {waiting_at_rung(0, {{1, nan}}), waiting_at_rung(1, {{1, nan}}), waiting_at_rung(2, {{1, nan}}),
                    trial(3, {{1, nan}})};
  EXPECT_TRUE(ends(*asha, history, 3));
  EXPECT_EQ(asha->to_continue(history), std::nullopt);
  history.trials[3].curve = {{1, 7}};
  EXPECT_EQ(ends(*asha, history, 3), std::nullopt);
  history.trials[1].curve = {{1, 8}};
  EXPECT_EQ(asha->to_continue(history), 1);
}

TEST(Asha, TrialsThatOthersEndedAreCountedButNeverContinued) {
  const auto asha = make_pruner("asha", {{"min", 1}, {"factor", 3}});
  History history;
  history.trials = {trial(0, {{1, 1}}, TrialState::pruned, "collapse: the output is its input"),
                    trial(1, {{1, 2}}, TrialState::failed, "exit code 1"), waiting_at_rung(2, {{1, 3}})};
  EXPECT_EQ(asha->to_continue(history), 2);
}

/// Eight workers on 81 trials; trial i is worth quality[i] + 3 / sqrt(t) after t of 81 units, each of which takes a
/// random time.
struct Simulation {
  double spent = 0;
  std::vector<int> finished;

  Simulation(const Pruner& pruner, const std::vector<double>& quality, std::uint64_t seed) {
    constexpr int units = 81, workers = 8;
    const auto count = static_cast<std::int64_t>(quality.size());
    History history;
    CounterRandom random(seed, 1);
    using Event = std::pair<double, std::int64_t>;  // when a unit of which trial is done
    std::priority_queue<Event, std::vector<Event>, std::greater<>> running;
    double now = 0;
    const auto begin_units = [&] {
      while (running.size() < workers) {
        if (const auto again = pruner.to_continue(history)) {
          history.trials[static_cast<std::size_t>(*again)].state = TrialState::running;
          running.emplace(now + 0.5 + random.uniform(), *again);
        } else if (static_cast<std::int64_t>(history.trials.size()) < count) {
          running.emplace(now + 0.5 + random.uniform(), static_cast<std::int64_t>(history.trials.size()));
          history.trials.push_back(trial(static_cast<std::int64_t>(history.trials.size()), {}));
        } else {
          break;
        }
      }
    };
    for (begin_units(); !running.empty(); begin_units()) {
      const auto [at, number] = running.top();
      running.pop();
      now = at;
      ++spent;
      Trial& own = history.trials[static_cast<std::size_t>(number)];
      const auto t = static_cast<double>(own.curve.size() + 1);
      own.curve.emplace_back(t, quality[static_cast<std::size_t>(number)] + 3 / std::sqrt(t));
      if (const auto reason = ends(pruner, history, number)) {
        own.state = TrialState::pruned;
        own.reason = *reason;
      } else if (t == units) {
        own.state = TrialState::finished;
        finished.push_back(static_cast<int>(number));
      } else {
        running.emplace(now + 0.5 + random.uniform(), number);
      }
    }
  }
};

TEST(Asha, FindsTheBestOf81TrialsForLessThanAFifthOfTheWork) {
  const auto asha = make_pruner("asha", {{"min", 1}, {"max", 81}, {"factor", 3}});
  for (std::uint64_t seed = 0; seed < 10; ++seed) {
    std::vector<double> quality(81);
    std::iota(quality.begin(), quality.end(), 0);
    CounterRandom random(seed, 2);
    for (std::size_t i = quality.size() - 1; i > 0; --i) std::swap(quality[i], quality[random.below(i + 1)]);
    const int best = static_cast<int>(std::find(quality.begin(), quality.end(), 0) - quality.begin());
    const Simulation simulation(*asha, quality, seed);
    EXPECT_THAT(simulation.finished, testing::Contains(best)) << seed;
    // Synchronous halving spends 81 + 27 * 2 + 9 * 6 + 3 * 18 + 54 = 297 units; a full sweep 6561.
    EXPECT_GE(simulation.spent, 297) << seed;
    EXPECT_LT(simulation.spent, 6561 / 5) << seed;
  }
}

TEST(Hyperband, SharesTrialsBetweenItsBracketsAsThePaperDoes) {
  // Li et al. 2018, table 1 (R = 81, factor 3): 81, 34, 15, 8 and 5 trials whose first rungs are at 1, 3, 9, 27 and 81.
  const auto hyperband = make_pruner("hyperband", {{"min", 1}, {"max", 81}, {"factor", 3}});
  std::map<double, int> first_rung;
  for (std::int64_t number = 0; number < 143; ++number) {
    double rung = 81;
    for (const double at : {1.0, 3.0, 9.0, 27.0}) {
      History history;
      history.trials = {trial(number, {{at, 1}})};
      if (ends(*hyperband, history, number)) {
        rung = at;
        break;
      }
    }
    ++first_rung[rung];
  }
  EXPECT_NEAR(first_rung[1], 81, 2);
  EXPECT_NEAR(first_rung[3], 34, 2);
  EXPECT_NEAR(first_rung[9], 15, 2);
  EXPECT_NEAR(first_rung[27], 8, 2);
  EXPECT_NEAR(first_rung[81], 5, 2);
}

TEST(Hyperband, FindsTheBestTrialOfABracketThatPrunes) {
  const auto hyperband = make_pruner("hyperband", {{"min", 1}, {"max", 81}, {"factor", 3}});
  std::vector<double> quality(143);
  std::iota(quality.begin(), quality.end(), 0);  // trial 0 is the best
  const Simulation simulation(*hyperband, quality, 3);
  EXPECT_THAT(simulation.finished, testing::Contains(0));
  EXPECT_LT(simulation.spent, 143 * 81 / 3.0);
}

// Golovin et al. 2017: others' running averages at 3 are (1 + 2 + 3) / 3 = 2, (4 + 4 + 4) / 3 = 4 and (9 + 6 + 3) / 3
// = 6.
TEST(Median, EndsWhatIsWorseThanTheMedianOfRunningAverages) {
  const auto median = make_pruner("median", {{"startup", 3}});
  History history;
  history.trials = {trial(0, {{1, 1}, {2, 2}, {3, 3}, {4, 100}}),
                    trial(1, {{1, 4}, {2, 4}, {3, 4}}, TrialState::finished), trial(2, {{1, 9}, {2, 6}, {3, 3}}),
                    trial(3, {{1, 0}}), trial(4, {{1, 9}, {2, 4.1}, {3, 8}})};
  EXPECT_THAT(ends(*median, history, 4).value_or(""), HasSubstr("its best is 4.1, worse than 4"));
  history.trials[4].curve[1].second = 4;  // its best so far counts, and equal is not worse
  EXPECT_EQ(ends(*median, history, 4), std::nullopt);
  history.trials[4].curve = {{1, nan}, {2, nan}, {3, nan}};
  EXPECT_TRUE(ends(*median, history, 4));
  // Only two others have come to 4.
  const auto careful = make_pruner("median", {{"startup", 4}});
  EXPECT_EQ(ends(*careful, history, 4), std::nullopt);
}

TEST(Median, AnotherTrialWithoutNumbersIsWorseThanAll) {
  const auto median = make_pruner("median", {{"startup", 3}});
  History history;
  history.trials = {trial(0, {{1, nan}}), trial(1, {{1, 5}}), trial(2, {{1, nan}, {2, 1}}), trial(3, {{1, 1e9}})};
  EXPECT_EQ(ends(*median, history, 3), std::nullopt);  // the median is infinite
  history.trials[2].curve = {{1, 6}};
  EXPECT_TRUE(ends(*median, history, 3));  // now it is 6
}

TEST(Patience, CountsReportsSinceTheBest) {
  const auto patience = make_pruner("patience", {{"patience", 3}});
  History history;
  const auto after = [&](Curve curve) {
    history.trials = {trial(0, std::move(curve))};
    return ends(*patience, history, 0).has_value();
  };
  EXPECT_FALSE(after({{1, 5}, {2, 4}, {3, 4}, {4, 6}}));
  EXPECT_TRUE(after({{1, 5}, {2, 4}, {3, 4}, {4, 6}, {5, nan}}));
  EXPECT_FALSE(after({{1, 5}, {2, 4}, {3, 4}, {4, 6}, {5, 3}}));
  EXPECT_TRUE(after({{1, nan}, {2, nan}, {3, nan}}));
  const auto later = make_pruner("patience", {{"min", 6}, {"patience", 3}});
  EXPECT_EQ(ends(*later, history, 0), std::nullopt);
}

/// Whether the pruner ends a trial whose records held these values of a measure; NaN stands for a record without it.
bool ends_on(const Pruner& pruner, const std::string& measure, const std::vector<double>& values) {
  std::vector<Record> records;
  for (const double value : values) {
    records.push_back({static_cast<double>(records.size() + 1), {{"loss", 1.0}}});
    if (!std::isnan(value)) records.back().measures[measure] = value;
  }
  History history;
  history.trials = {trial(0, {})};
  return pruner.reason_to_end(history.trials[0], records, history).has_value();
}

TEST(Divergence, EndsLossesThatAreNotFiniteOrRunAway) {
  const auto divergence = make_pruner("divergence", {});
  const auto total = [&](const std::vector<double>& values) { return ends_on(*divergence, "generator.total", values); };
  EXPECT_FALSE(total({5, 3, 2, 4, 50}));
  EXPECT_TRUE(total({5, 3, 2, 4, 53}));  // more than 10 * 5 above the best
  EXPECT_TRUE(total({5, 3, infinity}));
  EXPECT_FALSE(total({0.7, 0.001, 0.5}));  // 500 times its best, and still small
  EXPECT_FALSE(total({-3, -500, 400}));    // critics' losses may be negative
  EXPECT_TRUE(total({-3, -500, 4501}));
  EXPECT_FALSE(ends_on(*divergence, "generator.content", {5, 3, infinity}));  // a term, not a total
  History history;
  history.trials = {trial(0, {{1, 2}, {2, nan}})};
  EXPECT_THAT(ends(*divergence, history, 0).value_or(""), HasSubstr("the objective is not finite"));
  const std::vector<Record> not_a_number = {{1, {{"discriminator.total", nan}}}};
  EXPECT_THAT(divergence->reason_to_end(trial(0, {}), not_a_number, {}).value_or(""),
              HasSubstr("discriminator.total is not finite"));
}

TEST(Threshold, EndsAfterRecordsInARowOutOfBounds) {
  const auto high = make_pruner("threshold", {{"bounds", "eval.fid <= 400"}, {"patience", 2}});
  EXPECT_TRUE(ends_on(*high, "eval.fid", {300, 401, 500}));
  EXPECT_FALSE(ends_on(*high, "eval.fid", {500, 400, 401}));  // the limit itself is within bounds
  EXPECT_FALSE(ends_on(*high, "eval.kid", {500, 500, 500}));
  const Keys two = {{"bounds", std::vector<Value>{"a <= 1", "b >= 0"}}, {"patience", 1}, {"min", 2}};
  const auto either = make_pruner("threshold", two);
  EXPECT_FALSE(ends_on(*either, "b", {-1}));  // before prune.min
  EXPECT_TRUE(ends_on(*either, "b", {1, -1}));
  const std::vector<Record> records = {{2, {{"a", 1.5}, {"b", 3}}}};
  EXPECT_EQ(either->reason_to_end(trial(0, {}), records, {}), "threshold: a was not <= 1 in 1 record in a row");
}

TEST(Collapse, EndsAfterReportsInARowBelowTheLimit) {
  const auto collapse = make_pruner("collapse", {{"patience", 3}});
  const auto spread = [&](const std::vector<double>& values) {
    return ends_on(*collapse, "health.output_spread", values);
  };
  EXPECT_TRUE(spread({0.5, 0.04, 0.03, 0.02}));
  EXPECT_FALSE(spread({0.04, 0.03, 0.06, 0.02, 0.02}));
  EXPECT_TRUE(spread({0.04, nan, 0.03, nan, 0.02}));  // records without health do not count
  EXPECT_TRUE(ends_on(*collapse, "health.output_change", {0.004, 0.004, 0.004}));
  EXPECT_FALSE(ends_on(*collapse, "health.output_change", {0.006, 0.006, 0.006}));
  EXPECT_TRUE(ends_on(*make_pruner("collapse", {{"patience", 1}, {"limit", 0.2}}), "health.output_spread", {0.19}));
  EXPECT_TRUE(ends_on(*make_pruner("collapse", {{"patience", 1}, {"limit", 0.2}}), "health.output_change", {0.019}));
  EXPECT_FALSE(ends_on(*make_pruner("collapse", {{"patience", 1}, {"limit", 0.2}}), "health.output_change", {0.021}));
  EXPECT_FALSE(ends_on(*make_pruner("collapse", {{"min", 2}, {"patience", 1}}), "health.output_spread", {0.01}));
}

TEST(Collapse, SaysWhatIsWrong) {
  const auto collapse = make_pruner("collapse", {{"patience", 1}});
  const std::vector<Record> same = {{1, {{"health.output_spread", 0.01}}}}, copy = {{1, {{"health.output_change", 0}}}};
  EXPECT_THAT(collapse->reason_to_end(trial(0, {}), same, {}).value_or(""),
              StartsWith("collapse: the output ignores its input"));
  EXPECT_THAT(collapse->reason_to_end(trial(0, {}), copy, {}).value_or(""),
              StartsWith("collapse: the output is its input"));
}

TEST(DiscriminatorWon, EndsAfterReportsInARowAboveTheLimit) {
  const auto won = make_pruner("discriminator-won", {{"patience", 2}});
  const auto lead = [&](const std::vector<double>& values) {
    return ends_on(*won, "health.discriminator_lead", values);
  };
  EXPECT_TRUE(lead({0.5, 0.99, 1}));
  EXPECT_FALSE(lead({0.99, 0.98, 0.99}));
  EXPECT_FALSE(lead({0, 0}));  // lost is something else
}

TEST(Pruners, OfSeveralTheFirstReasonCounts) {
  const std::vector<std::string> names = {"asha", "divergence"};
  const auto both = make_pruners(names, {{"min", 1}, {"factor", 2}});
  History history;
  history.trials = {trial(0, {{1, infinity}})};
  EXPECT_THAT(ends(*both, history, 0).value_or(""), StartsWith("asha:"));
  history.trials = {waiting_at_rung(0, {{1, 1}}), trial(1, {{1, 2}})};
  EXPECT_EQ(both->to_continue(history), 0);
  history.trials = {trial(0, {{1, 3}, {1.5, nan}})};
  EXPECT_THAT(ends(*both, history, 0).value_or(""), StartsWith("divergence:"));
}

TEST(Pruners, AMistakeIsNamed) {
  const auto error = [](const std::vector<std::string>& names, const Keys& keys) {
    return error_of<UsageError>([&] { make_pruners(names, keys); });
  };
  EXPECT_THAT(error({"asah"}, {}), HasSubstr("did you mean \"asha\"?"));
  EXPECT_THAT(error({"asha"}, {}), HasSubstr("prune.min"));
  EXPECT_THAT(error({"asha"}, {{"min", 10}, {"max", 5}}), HasSubstr("not below"));
  EXPECT_THAT(error({"hyperband"}, {{"min", 1}}), HasSubstr("prune.max"));
  EXPECT_THAT(error({"asha", "hyperband"}, {{"min", 1}, {"max", 9}}), HasSubstr("choose one"));
  EXPECT_THAT(error({"median", "median"}, {}), HasSubstr("twice"));
  EXPECT_THAT(error({"patience"}, {{"patience", 0}}), HasSubstr("prune.patience"));
  EXPECT_THAT(error({"collapse", "divergence"}, {{"limit", 3}}), HasSubstr("prune.limit"));
  EXPECT_THAT(error({"threshold"}, {}), HasSubstr("needs prune.bounds"));
  EXPECT_THAT(error({"threshold"}, {{"bounds", "eval.fid = 400"}}), HasSubstr("expected MEASURE"));
}

TEST(Pruners, EveryOneOfTheCatalogTakesCurvesWithoutNumbers) {
  for (const PrunerEntry& entry : pruners(pruner_presets())) {
    const std::string& name = entry.name;
    const auto pruner =
        make_pruner(name, {{"min", 1}, {"max", 9}, {"startup", 1}, {"patience", 1}, {"bounds", "value >= 0"}});
    History history;
    EXPECT_EQ(pruner->to_continue(history), std::nullopt) << name;
    history.trials = {trial(0, {}), trial(3, {{1, nan}, {3, infinity}, {4, -infinity}, {9, nan}}),
                      trial(7, {{1, nan}})};
    for (const std::int64_t number : {0, 3, 7}) {
      const auto reason = ends(*pruner, history, number);
      EXPECT_THAT(reason.value_or(name + ": "), StartsWith(name + ": "));
    }
    pruner->to_continue(history);
  }
}

}  // namespace
}  // namespace atelier
