#include "analysis/findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "experiments/spec.h"
#include "framework/core/format.h"
#include "framework/core/random.h"
#include "framework/storage/atomic_file.h"
#include "tests/analysis/made_comparison.h"
#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::MadeComparison;
using ::testing::Not;
using testing::ScratchFolder;
using testing::SyntheticSweep;
using testing::write_text;

std::string words(const Comparison& comparison, const std::string& kind = "") {
  std::string text;
  for (const Finding& finding : findings(comparison, evidence(comparison))) {
    if (kind.empty() || finding.kind == kind) text += finding.text + "\n";
  }
  return text;
}

/// The same for a sweep that was written to a folder.
std::string words_of(const SyntheticSweep& sweep, const std::string& kind = "") {
  return words(compare({sweep.folder()}, known_measures()), kind);
}

/// Settings of one sweep with some seeds each, as trials of their own.
void add_seeds(SyntheticSweep& sweep, int first, int setting, double weight, const std::vector<std::string>& contents) {
  for (std::size_t seed = 0; seed < contents.size(); ++seed) {
    const int number = first + static_cast<int>(seed);
    const auto folder = sweep.add_finished(number, weight, contents[seed]);
    write_text(folder / "trial.toml", format("number = {}\nidentity = \"x\"\nsetting = {}\nseed = {}\n[parameters]\n"
                                             "\"loss.content.weight\" = {:.3f}\n\"generator.norm\" = \"layer\"\n",
                                             number, setting, seed, weight));
  }
}

TEST(Findings, SeveralSeedsOfASettingAreOneSettingWithAnInterval) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  add_seeds(sweep, 0, 0, 1, {"0.50", "0.52", "0.54"});
  add_seeds(sweep, 3, 1, 2, {"0.30", "0.45", "0.33"});  // One of its seeds is no better than the next setting's.
  add_seeds(sweep, 6, 2, 3, {"0.41", "0.44", "0.38"});
  const Comparison comparison = compare({scratch.path()}, known_measures());
  EXPECT_TRUE(comparison.trials[3].best);
  EXPECT_FALSE(comparison.trials[4].best);
  const Evidence found = evidence(comparison);
  ASSERT_EQ(found.settings.size(), 3u);
  EXPECT_THAT(found.settings[0].trials, ElementsAre(3, 4, 5));
  // The mean of 0.30, 0.45, 0.33 is 0.36; s = 0.0793725, t(2) = 4.302653, so the half width is 0.197172.
  const Interval& measured = found.settings[0].measured.at("eval.content");
  EXPECT_NEAR(measured.middle, 0.36, 1e-12);
  EXPECT_NEAR(measured.low, 0.36 - 0.197172, 1e-5);
  const std::string text = words(comparison);
  EXPECT_THAT(text, HasSubstr("0.36 on average over 3 seeds (0.1628 to 0.5572)"));
  EXPECT_THAT(text, HasSubstr("n = 3 settings, 9 trials"));
  EXPECT_THAT(text, HasSubstr("of bootstrap draws over the seeds; #6 may be the best as well"));
  EXPECT_THAT(text, Not(HasSubstr("ran once")));
  const Json intervals = intervals_json(found.settings), ranks = ranks_json(found.settings);
  EXPECT_EQ(intervals["4"]["eval.content"]["n"], 3);
  EXPECT_EQ(ranks["0"]["low"], 3);
  EXPECT_EQ(ranks["0"]["high"], 3);
}

TEST(Findings, TheBaselineIsTheTrialWithTheExperimentsOwnValues) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  write_text(scratch.path() / "experiment.toml", "[loss.content]\nweight = 2\n[generator]\nnorm = \"layer\"\n");
  sweep.add_finished(0, 1, "0.5");
  sweep.add_finished(1, 2, "0.4");
  sweep.add_finished(2, 3, "0.3");
  EXPECT_THAT(
      words_of(sweep, "baseline"),
      HasSubstr(
          "Against the baseline, the experiment as it is, #1: eval.content 0.3 instead of 0.4, 25 % below it (n = 1 "
          "and 1: no telling how much of it is chance, and the best of 3 looks better than it is). Trial #2 changed "
          "content.weight from 2 to 3."));
}

TEST(Findings, WithoutItTheFirstSettingIsTheOneToBeat) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_finished(0, 1, "0.3");
  sweep.add_finished(1, 2, "0.4");
  EXPECT_THAT(words_of(sweep, "baseline"),
              HasSubstr("No setting is better by eval.content than the first setting tried, #0 (n = 2)"));
}

TEST(Findings, AgainstABaselineWithSeedsTheDifferenceHasAnInterval) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  add_seeds(sweep, 0, 0, 1, {"0.50", "0.52", "0.54"});
  add_seeds(sweep, 3, 1, 2, {"0.30", "0.32", "0.34"});
  // Welch: the difference is -0.2, both variances 0.0004, so 4 degrees of freedom: 2.776445 * sqrt(0.0008 / 3) =
  // 0.045339.
  EXPECT_THAT(words_of(sweep, "baseline"),
              HasSubstr("the difference lies between -0.2453 and -0.1547 (95 %, n = 3 and 3 seeds)"));
}

TEST(Findings, TrialsOnOtherDataAreMarkedAndNotRanked) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  for (int i = 0; i < 4; ++i) {
    const auto folder = sweep.add_finished(i, i + 1, format("0.{}", 5 - i));
    write_text(folder / "provenance.toml", format("data_digest = \"{}\"\n", i == 3 ? "bbbb" : "aaaa"));
  }
  const Comparison comparison = compare({scratch.path()}, known_measures());
  EXPECT_EQ(comparison.data, "aaaa");
  EXPECT_FALSE(comparison.trials[3].comparable);
  EXPECT_FALSE(comparison.trials[3].rank);
  EXPECT_TRUE(comparison.trials[2].best);  // Though #3 has the lowest number.
  EXPECT_THAT(words(comparison, "caution"),
              HasSubstr("1 trial measured on other data or in another way (digest bbbb) while those that are ranked "
                        "have aaaa: their measures do not compare and "
                        "are not ranked (#3)"));
}

TEST(Findings, TrialsMeasuredInAnotherWayOnTheSameDataDoNotCompare) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  for (int i = 0; i < 4; ++i) {
    const auto folder = sweep.add_finished(i, i + 1, std::to_string(0.5 - 0.1 * i));
    write_text(folder / "provenance.toml",
               format("data_digest = \"aaaa\"\nmeasures_digest = \"{}\"\n", i == 3 ? "cropped" : "whole"));
  }
  const Comparison comparison = compare({scratch.path()}, known_measures());
  EXPECT_FALSE(comparison.trials[3].comparable);
  EXPECT_TRUE(comparison.trials[2].best);
}

TEST(Findings, TrialsThatMissAConstraintAreNotBest) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "minimize = [\"eval.content\"]\nconstraints = [\"eval.ssim >= 0.4\"]");
  sweep.add_ended(0, 1, "finished", "", {{"eval.content", "0.1"}, {"eval.ssim", "0.2"}});
  sweep.add_ended(1, 2, "finished", "", {{"eval.content", "0.5"}, {"eval.ssim", "0.4"}});
  sweep.add_ended(2, 3, "finished", "", {{"eval.content", "0.3"}});  // Not measured is not held.
  const Comparison comparison = compare({scratch.path()}, known_measures());
  EXPECT_TRUE(comparison.trials[1].best);
  EXPECT_FALSE(comparison.trials[0].best);
  EXPECT_EQ(*comparison.trials[0].rank, 1u);
  EXPECT_THAT(words(comparison, "caution"),
              HasSubstr("2 of 3 finished trials miss eval.ssim >= 0.4 and cannot be best."));
  EXPECT_THAT(words(comparison, "best"), HasSubstr("#1 (content.weight 2) is the only one that holds its constraints"));
}

TEST(Findings, AConstraintThatCannotBeReadIsSaid) {
  EXPECT_FALSE(Constraint::from("eval.ssim"));
  EXPECT_FALSE(Constraint::from("eval.ssim >= much"));
  EXPECT_FALSE(Constraint::from(">= 3"));
  const auto constraint = Constraint::from("eval.ssim<0.5");
  ASSERT_TRUE(constraint);
  EXPECT_TRUE(constraint->holds(0.4));
  EXPECT_FALSE(constraint->holds(0.5));
  EXPECT_FALSE(constraint->holds(std::nan("")));
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "minimize = [\"eval.content\"]\nconstraints = [\"eval.ssim about 0.4\"]");
  sweep.add_finished(0, 1, "0.1");
  const Comparison comparison = compare({scratch.path()}, known_measures());
  ASSERT_EQ(comparison.sources[0].problems.size(), 1u);
  EXPECT_THAT(comparison.sources[0].problems[0], HasSubstr("eval.ssim about 0.4"));
}

TEST(Findings, AnObjectiveThatNeverCameIsSaidWithWhatDidCome) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "minimize = [\"eval.kidd\"]");
  sweep.add_ended(0, 1, "finished", "", {{"eval.kid", "0.5"}});
  EXPECT_THAT(words_of(sweep, "caution"),
              HasSubstr("No finished trial has a number for eval.kidd, though it is an objective (n = 1); "
                        "recorded were eval.kid, generator.content."));
}

TEST(Findings, AConditionOfTheSweepIsKnownToItsParameter) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  write_text(scratch.path() / "sweep.toml",
             "minimize = [\"eval.content\"]\n[space]\n\"generator.norm\" = { choice = [\"a\", \"b\"] }\n"
             "\"loss.content.weight\" = { log = [0.1, 30], when = { \"generator.norm\" = \"a\" } }\n");
  sweep.add_waiting(0, 1, "a");
  sweep.add_waiting(1, 2, "b");
  const Comparison comparison = compare({scratch.path()}, known_measures());
  ASSERT_EQ(comparison.parameters[0].key, "loss.content.weight");
  EXPECT_THAT(comparison.parameters[0].parents, ElementsAre("generator.norm"));
  EXPECT_EQ(comparison.parameters[0].range, std::pair(0.1, 30.0));
}

TEST(Findings, WhatMattersIsSaidWithItsDirectionAndWhetherTheRangeIsTooNarrow) {
  MadeComparison made({{"eval.kid", false}});
  made.add_parameter("weight", true, std::pair(0.0, 1.0));
  made.add_parameter("width", true, std::pair(0.0, 1.0));
  CounterRandom random(1, 0);
  for (int i = 0; i < 60; ++i) {
    const double weight = i == 59 ? 0.99 : 0.95 * random.uniform(), width = random.uniform();
    made.add({{"weight", weight}, {"width", width}}, {{"eval.kid", 3 - 2 * weight + 0.1 * width}});
    made->trials.back().rank = static_cast<std::size_t>(59 - i);  // Only the best needs its own.
  }
  const std::string text = words(*made, "importance");
  EXPECT_THAT(text, HasSubstr("For eval.kid weight matters most, with "));
  EXPECT_THAT(text, HasSubstr("(n = 60; the parameters predict "));
  EXPECT_THAT(text, HasSubstr("Higher weight is better for eval.kid"));
  EXPECT_THAT(text, HasSubstr("The best, #59, has 0.99, at the high end of the range 0 to 1: widen it."));
}

TEST(Findings, AnOptimumInsideIsSaidToLieInside) {
  MadeComparison made({{"eval.ssim", true}});
  made.add_parameter("weight", true, std::pair(0.0, 1.0));
  CounterRandom random(2, 0);
  for (int i = 0; i < 60; ++i) {
    const double weight = i == 0 ? 0.5 : random.uniform();
    made.add({{"weight", weight}}, {{"eval.ssim", 1 - (weight - 0.5) * (weight - 0.5)}});
    made->trials.back().rank = static_cast<std::size_t>(i);
  }
  const std::string text = words(*made, "importance");
  EXPECT_THAT(text, HasSubstr("eval.ssim is best in the middle of weight, around 0."));
  EXPECT_THAT(text, HasSubstr("inside the range 0 to 1"));
}

TEST(Findings, AChoiceIsBetterOnlyBeyondChance) {
  MadeComparison made({{"eval.kid", false}});
  made.add_parameter("norm", false);
  const auto add = [&](const char* norm, double kid) {
    made.add({{"norm", norm}}, {{"eval.kid", kid}});
    made->trials.back().rank = made->trials.size() - 1;
  };
  for (int i = 0; i < 5; ++i) add("layer", 1 + 0.01 * i);
  EXPECT_THAT(words(*made, "importance"), Not(HasSubstr("norm layer")));
  add("instance", 2);
  EXPECT_THAT(words(*made, "importance"),
              HasSubstr("Not enough trials to say which norm is better for eval.kid (n = 6;"));
  for (int i = 1; i < 5; ++i) add("instance", 2 + 0.01 * i);
  // Five against five, all apart: exactly 2 of 252 deals are as far, p = 0.0079. Differences lie from -1.04 to -0.96.
  EXPECT_THAT(words(*made, "importance"), HasSubstr("norm layer is better for eval.kid: typically 1 lower"));
  EXPECT_THAT(words(*made, "importance"), HasSubstr("p = 0.0079 exactly, n = 5 and 5"));
  for (std::size_t i = 0; i < 10; ++i) made->trials[i].run.values["eval.kid"] = static_cast<double>(i % 2);
  EXPECT_THAT(words(*made, "importance"), HasSubstr("No norm is better for eval.kid beyond chance"));
}

TEST(Findings, ObjectivesThatPullAgainstEachOtherAreSaidTo) {
  MadeComparison made({{"eval.style", false}, {"eval.ssim", true}});
  made.add_parameter("weight", true);
  for (int i = 0; i < 12; ++i) {
    made.add({{"weight", double(i)}}, {{"eval.style", double(i)}, {"eval.ssim", i + (i % 2) * 0.5}});
    made->trials.back().rank = static_cast<std::size_t>(i);
  }
  EXPECT_THAT(
      words(*made),
      HasSubstr("eval.style and eval.ssim pull against each other: there is a trade-off (rank correlation of how "
                "good -1.00"));
  made->trials.resize(9);
  EXPECT_THAT(words(*made),
              HasSubstr("Not enough trials to say whether eval.style and eval.ssim pull against each other (n = 9)"));
}

TEST(Findings, CostCountsTimeAndWhatWasLost) {
  MadeComparison made({{"eval.kid", false}});
  for (int i = 0; i < 4; ++i) {
    made.add({}, {{"eval.kid", double(i)}},
             i == 3   ? TrialState::failed
             : i == 2 ? TrialState::pruned
                      : TrialState::finished);
    made->trials.back().run.provenance.items.emplace_back("started", format("2026-01-01T00:{:02}:00Z", 10 * i));
  }
  // Four minutes of computing, from 0:00 to 0:31: 4 trials in 31 minutes are 7.74 an hour.
  EXPECT_THAT(words(*made, "cost"),
              HasSubstr("It took 4 min 0 s of computing, 1 min 0 s for a finished trial (median, n = 2), 7.74 trials "
                        "an hour; 1 of 4 were pruned (25 %); 1 of 4 failed (25 %)."));
}

TEST(Findings, FailuresAreToldByReason) {
  MadeComparison made({{"eval.kid", false}});
  for (const char* reason : {"out of memory", "diverged", "out of memory"}) {
    made.add({}, {}, TrialState::failed);
    made->trials.back().run.reason = reason;
  }
  const std::string text = words(*made, "failure");
  EXPECT_THAT(text, HasSubstr("2 failed, for instance Trial #0: out of memory."));
  EXPECT_THAT(text, HasSubstr("Trial #1 failed: diverged."));
  EXPECT_THAT(words(*made, "best"), HasSubstr("No trial has finished"));
}

TEST(Findings, ADiscriminatorThatWonInMostTrialsIsSaid) {
  MadeComparison made({{"eval.kid", false}});
  for (const double lead : {0.99, 0.995, 0.7}) made.add({}, {{"eval.kid", lead}, {"health.discriminator_lead", lead}});
  EXPECT_THAT(words(*made, "caution"), HasSubstr("In 2 of 3 finished trials the discriminator has won"));
  made->trials[0].run.values["health.discriminator_lead"] = 0.6;
  EXPECT_THAT(words(*made, "caution"), Not(HasSubstr("discriminator has won")));
}

TEST(Findings, EveryClaimCarriesItsN) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "minimize = [\"eval.content\", \"eval.style\"]");
  CounterRandom random(5, 0);
  for (int i = 0; i < 25; ++i) {
    const double weight = 0.1 + random.uniform();
    sweep.add_ended(i, weight, "finished", "",
                    {{"eval.content", format("{:.4f}", weight)}, {"eval.style", format("{:.4f}", 2 - weight)}});
  }
  const Comparison comparison = compare({scratch.path()}, known_measures());
  for (const Finding& finding : findings(comparison, evidence(comparison))) {
    if (finding.kind == "best" || finding.kind == "baseline" || finding.kind == "importance") {
      EXPECT_TRUE(finding.text.find("n = ") != std::string::npos || finding.text.find(" of 25 ") != std::string::npos)
          << finding.text;
    }
  }
}

TEST(Findings, TheJsonNamesTrialsByTheirPlace) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_finished(3, 1, "0.5");
  sweep.add_finished(7, 2, "0.4");
  Json data;
  add_statistics(data, compare({scratch.path()}, known_measures()));
  EXPECT_EQ(data["findings"][0]["kind"], "best");
  EXPECT_EQ(data["findings"][0]["trials"], Json::parse("[1]"));
  EXPECT_EQ(data["summary"].size(), data["findings"].size());
  EXPECT_TRUE(data["intervals"].empty());
  EXPECT_TRUE(data["ranks"].empty());
}

TEST(Findings, ALearningSamplerThatFavouredAChoiceShowsNothingAboutIt) {
  MadeComparison made({{"eval.kid", false}});
  made.add_parameter("weight", true, std::pair(0.0, 1.0));
  made.add_parameter("norm", false);
  // The choice does nothing; the sampler tried the one that was lucky at first wherever the weight was good.
  for (int i = 0; i < 60; ++i) {
    const bool early = i < 32;
    const double weight = early ? 0.5 + i / 64.0 : 0.1 + i / 600.0;
    made.add({{"weight", weight}, {"norm", early && i % 2 ? "instance" : "layer"}}, {{"eval.kid", weight}});
    made->trials.back().rank = static_cast<std::size_t>(i);
  }
  EXPECT_THAT(words(*made), HasSubstr("norm layer is better"));  // What exchangeable trials would show.
  made->sources[0].learned = true;
  const std::string text = words(*made);
  EXPECT_THAT(text, Not(HasSubstr("norm layer is better")));
  EXPECT_THAT(
      text,
      HasSubstr("The sampler tried the choices of norm by what it had learned (n = 16 and 44), so the trials cannot "
                "show which is better; sample with random or sobol."));
  EXPECT_THAT(text, HasSubstr("The sampler tried little where it had seen bad results"));
}

TEST(Findings, WhetherTrialsWereChosenByWhatOthersMeasuredIsReadFromThem) {
  // "of-its-own": a sampler that nobody who reports knows. Trials of earlier versions do not say.
  const std::pair<const char*, bool> told[] = {{"learned = false\n", false},
                                               {"learned = true\n", true},
                                               {"", true},
                                               {"enqueued = true\n", false},
                                               {"asked_for = true\n", false}};
  for (const auto& [line, learned] : told) {
    const ScratchFolder scratch;
    SyntheticSweep sweep(scratch.path(), "sampler = \"of-its-own\"\nminimize = [\"a\"]");
    write_text(sweep.add_finished(0, 1, "0.5") / "trial.toml", format("number = 0\n{}[parameters]\na = 1\n", line));
    write_text(sweep.add_finished(1, 2, "0.5") / "trial.toml", "number = 1\nlearned = false\n[parameters]\na = 2\n");
    EXPECT_EQ(compare({sweep.folder()}, known_measures()).sources[0].learned, learned) << line;
  }
}

TEST(Findings, WhatEarlierVersionsDrewIndependentlyStillCountsAsThat) {
  for (const auto& [sampler, learned] :
       {std::pair("grid", false), {"random", false}, {"sobol", false}, {"tpe", true}}) {
    const ScratchFolder scratch;
    SyntheticSweep sweep(scratch.path(), format("sampler = \"{}\"\nminimize = [\"a\"]", sampler));
    write_text(sweep.add_finished(0, 1, "0.5") / "trial.toml", "number = 0\n[parameters]\na = 1\n");
    EXPECT_EQ(compare({sweep.folder()}, known_measures()).sources[0].learned, learned) << sampler;
  }
}

TEST(Findings, SeedsOfASettingAreOneTrialOfAChoice) {
  MadeComparison made({{"eval.kid", false}, {"eval.style", false}});
  made.add_parameter("norm", false);
  for (int i = 0; i < 20; ++i) {
    const int setting = i / 2;
    const double kid = (setting < 5 ? 1 : 2) + 0.01 * setting + (i % 2 ? 0.001 : -0.001);
    made.add({{"norm", setting < 5 ? "layer" : "instance"}}, {{"eval.kid", kid}, {"eval.style", -kid}});
    made->trials.back().setting = static_cast<std::size_t>(setting);
    made->trials.back().rank = static_cast<std::size_t>(setting);
  }
  // Five settings against five, all apart: 2 of 252 deals. Twenty trials would have been 2 of 184,756.
  EXPECT_THAT(words(*made), HasSubstr("p = 0.0079 exactly, n = 5 and 5"));
  EXPECT_THAT(words(*made),
              HasSubstr("there is a trade-off (rank correlation of how good -1.00, -1.00 to -1.00; n = 10)"));
  EXPECT_EQ(importance(*made).front().not_enough, "10 settings have it; 20 would be enough for 1 parameter");
}

TEST(Findings, AParameterWhoseConditionDoesNotHoldIsNotTakenFromTheSpec) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  write_text(scratch.path() / "sweep.toml",
             "minimize = [\"eval.content\"]\n[space]\n\"generator.norm\" = { choice = [\"layer\", \"group\"] }\n"
             "\"loss.content.weight\" = { log = [0.1, 30], when = { \"generator.norm\" = \"group\" } }\n");
  for (int i = 0; i < 3; ++i) {
    // The experiment fills in a weight for everybody: its spec.toml has one whether the sweep chose it or not.
    const auto folder = sweep.add_finished(i, i == 0 ? 5 : i, i == 0 ? "0.1" : "0.4");
    write_text(folder / "trial.toml",
               format("number = {}\nidentity = \"x{}\"\n[parameters]\n\"generator.norm\" = \"{}\"\n{}", i, i,
                      i == 0 ? "layer" : "group", i == 0 ? "" : format("\"loss.content.weight\" = {}.0\n", i)));
  }
  const Comparison comparison = compare({scratch.path()}, known_measures());
  EXPECT_THAT(words(comparison, "best"), HasSubstr("Trial #0 (generator.norm layer) is best"));
  for (const Parameter& parameter : comparison.parameters) {
    if (parameter.key != "loss.content.weight") continue;
    EXPECT_EQ(setting_of(comparison.trials[0].run, parameter), nullptr);
    EXPECT_NE(setting_of(comparison.trials[1].run, parameter), nullptr);
  }
}

TEST(Findings, ATradeOffThatIsNotSeenIsNotCalledAbsent) {
  MadeComparison made({{"eval.style", false}, {"eval.content", false}});
  made.add_parameter("weight", true);
  CounterRandom random(4, 0);
  for (int i = 0; i < 12; ++i) {
    made.add({{"weight", double(i)}}, {{"eval.style", double(i)}, {"eval.content", i % 2 ? 1.0 + i : 20.0 - i}});
    made->trials.back().rank = static_cast<std::size_t>(i);
  }
  EXPECT_THAT(
      words(*made),
      HasSubstr("Whether eval.style and eval.content pull against each other or get better together cannot be said"));
}

TEST(Findings, TheFirstThatFinishedIsNotCalledTheFirstTried) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_ended(0, 1, "pruned", "asha", {{"eval.content", "0.9"}});
  sweep.add_finished(1, 2, "0.4");
  sweep.add_finished(2, 3, "0.3");
  EXPECT_THAT(words_of(sweep, "baseline"), HasSubstr("Against the first setting that finished, #1: "));
  write_text(scratch.path() / "experiment.toml", "[loss.content]\nweight = 1\n[generator]\nnorm = \"layer\"\n");
  EXPECT_THAT(words_of(sweep, "baseline"), HasSubstr("Against the first setting that finished (the baseline, the "
                                                     "experiment as it is, #0, is not ranked: pruned), #1: "));
}

TEST(Findings, OnlyWhatHoldsItsConstraintsIsCounted) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "minimize = [\"eval.content\"]\nconstraints = [\"eval.ssim >= 0.4\"]");
  for (int i = 0; i < 4; ++i) {
    sweep.add_ended(i, i + 1, "finished", "",
                    {{"eval.content", format("0.{}", i + 1)}, {"eval.ssim", i == 0 ? "0.2" : "0.5"}});
  }
  // 0.2, 0.3 and 0.4 are compared: their median is 0.3.
  EXPECT_THAT(words_of(sweep, "best"), HasSubstr("33 % below the median of 0.3 (n = 3)"));
}

TEST(Findings, SharesAreOnlyOfPositiveNumbers) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "maximize = [\"reward\"]");
  const char* rewards[] = {"-0.5", "-0.25", "0.25"};
  for (int i = 0; i < 3; ++i) sweep.add_ended(i, i + 1, "finished", "", {{"reward", rewards[i]}});
  EXPECT_THAT(words_of(sweep, "best"),
              HasSubstr("reward 0.25 (higher is better), 0.5 above the median of -0.25 (n = 3)"));
}

TEST(Findings, WhereTheForestSeesNothingAParameterMayStillGoWithAnObjective) {
  MadeComparison made({{"eval.style", false}});
  made.add_parameter("weight", true, std::pair(0.0, 1.0));
  made.add_parameter("width", true, std::pair(0.0, 1.0));
  Evidence found;
  CounterRandom random(7, 0);
  for (int i = 0; i < 24; ++i) {
    made.add({{"weight", double(i)}, {"width", random.uniform()}}, {{"eval.style", -double(i)}});
    made->trials.back().rank = static_cast<std::size_t>(23 - i);
  }
  found.settings = replicates(*made);
  found.importance.resize(1);
  found.importance[0].objective = "eval.style";
  found.importance[0].unpredicted = true;
  const auto text = [&] {
    std::string all;
    for (const Finding& finding : findings_of_parameters(*made, found)) all += finding.text + "\n";
    return all;
  };
  EXPECT_THAT(text(),
              HasSubstr("Higher weight goes with lower eval.style (rank correlation -1.00, -1.00 to -1.00; n = 24)."));
  EXPECT_THAT(text(), Not(HasSubstr("width")));
  made->sources[0].learned = true;
  EXPECT_THAT(text(), Not(HasSubstr("goes with")));
}

TEST(Findings, OneParameterAloneIsNotSaidToMatterMost) {
  MadeComparison made({{"eval.ssim", true}});
  made.add_parameter("weight", true, std::pair(0.0, 1.0));
  CounterRandom random(2, 0);
  for (int i = 0; i < 60; ++i) {
    const double weight = random.uniform();
    made.add({{"weight", weight}}, {{"eval.ssim", weight}});
    made->trials.back().rank = static_cast<std::size_t>(i);
  }
  EXPECT_THAT(words(*made), HasSubstr("weight explains about "));
  EXPECT_THAT(words(*made), Not(HasSubstr("matters most")));
}

TEST(Findings, ALoneRunThatDidNotEndIsSaidToStandWhereItStands) {
  MadeComparison made({{"eval.content", false}});
  made.add({}, {{"eval.content", 0.1404}}, TrialState::waiting);
  Comparison::Trial& trial = made->trials[0];
  trial.run.number.reset();
  trial.label = "quick";
  trial.run.steps = 3800;
  trial.run.spec.items = {{"pretrain.steps", std::int64_t(1000)}, {"train.steps", std::int64_t(3000)}};
  EXPECT_THAT(
      words(*made),
      HasSubstr("Run quick stands at step 3800 of 4000, interrupted; eval.content 0.1404; the same command goes on."));
  trial.run.state = TrialState::running;
  trial.run.spec.items = {{"train.epochs", 2.0}};  // How many steps these are the photos say.
  EXPECT_THAT(words(*made), HasSubstr("Run quick stands at step 3800, running; eval.content 0.1404."));
}

}  // namespace
}  // namespace atelier
