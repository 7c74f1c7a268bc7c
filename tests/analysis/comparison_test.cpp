#include "analysis/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "analysis/summary.h"
#include "experiments/spec.h"
#include "framework/core/error.h"
#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::ScratchFolder;
using testing::SyntheticSweep;

std::string all_words(const Comparison& comparison) {
  std::string text;
  for (const std::string& sentence : summary(comparison)) text += sentence + " ";
  return text;
}

TEST(Comparison, TheBestIsTheLowestWhenMinimizing) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_finished(0, 1, "0.5");
  sweep.add_finished(1, 2, "0.3");
  sweep.add_finished(2, 3, "0.4");
  const Comparison comparison = compare({scratch.path()}, known_measures());
  EXPECT_THAT(comparison.ranking(), ElementsAre(1, 2, 0));
  EXPECT_TRUE(comparison.trials[1].best);
  EXPECT_FALSE(comparison.trials[2].best);
  // The median of 0.3, 0.4, 0.5 is 0.4; 0.3 lies a quarter below it.
  EXPECT_THAT(all_words(comparison), HasSubstr("Trial #1 (content.weight 2) is best: eval.content 0.3"));
  EXPECT_THAT(all_words(comparison), HasSubstr("25 % below the median of 0.4 (n = 3)"));
}

TEST(Comparison, TheBestIsTheHighestWhenMaximizing) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "maximize = [\"eval.content\"]");
  sweep.add_finished(0, 1, "0.5");
  sweep.add_finished(1, 2, "0.3");
  EXPECT_THAT(compare({scratch.path()}, known_measures()).ranking(), ElementsAre(0, 1));
}

TEST(Comparison, TrialsWithoutAFiniteValueOrAnEndAreNeverBest) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_finished(0, 1, "nan");
  sweep.add_finished(1, 2, "-inf");
  sweep.add_ended(2, 3, "failed", "diverged", {{"eval.content", "0.01"}});
  sweep.add_ended(3, 4, "pruned", "asha", {{"eval.content", "0.02"}});
  sweep.add_waiting(4, 5);
  sweep.add_finished(5, 6, "0.7");
  EXPECT_THAT(compare({scratch.path()}, known_measures()).ranking(), ElementsAre(5));
}

TEST(Comparison, WhatASweepTookAsItsObjectiveDecidesAndNotTheLastValue) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_finished(0, 1, "0.5");
  const auto run = sweep.add_finished(1, 2, "0.9");
  testing::write_text(run / "result.toml",
                      "state = \"finished\"\nsteps = 10\nseconds = 5.0\n[objectives]\n\"eval.content\" = 0.2\n"
                      "[values]\n\"eval.content\" = 0.9\n");
  EXPECT_THAT(compare({scratch.path()}, known_measures()).ranking(), ElementsAre(1, 0));
}

TEST(Comparison, SeveralObjectivesGiveTheParetoFront) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "minimize = [\"a\", \"b\"]");
  const auto add = [&](int number, const char* a, const char* b) {
    sweep.add_ended(number, number, "finished", "", {{"a", a}, {"b", b}});
  };
  add(0, "1", "9");
  add(1, "5", "5");
  add(2, "9", "1");
  add(3, "6", "6");  // Worse than 1 in both.
  add(4, "5", "7");  // As good as 1 in one, worse in the other.
  const Comparison comparison = compare({scratch.path()}, known_measures());
  std::vector<bool> front;
  for (const auto& trial : comparison.trials) front.push_back(trial.best);
  EXPECT_THAT(front, ElementsAre(true, true, true, false, false));
  EXPECT_THAT(all_words(comparison), HasSubstr("3 of 5 finished trials are beaten by none"));
}

TEST(Comparison, OnlyWhatVariesIsAParameter) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_waiting(0, 1, "layer");
  sweep.add_waiting(1, 2, "layer");
  Comparison comparison = compare({scratch.path()}, known_measures());
  ASSERT_EQ(comparison.parameters.size(), 1u);
  EXPECT_EQ(comparison.parameters[0].key, "loss.content.weight");
  EXPECT_EQ(comparison.parameters[0].label, "content.weight");
  EXPECT_TRUE(comparison.parameters[0].logarithmic);
  sweep.add_waiting(2, 2, "instance");
  comparison = compare({scratch.path()}, known_measures());
  ASSERT_EQ(comparison.parameters.size(), 2u);
  EXPECT_FALSE(comparison.parameters[1].numeric);
}

TEST(Comparison, RunsOfTheirOwnAreComparedByTheirSpecs) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  for (int i = 0; i < 2; ++i) std::filesystem::remove(sweep.add_finished(i, i + 1, i ? "0.2" : "0.4") / "trial.toml");
  const Comparison comparison = compare({sweep.trial(0), sweep.trial(1)}, known_measures());
  ASSERT_EQ(comparison.parameters.size(), 1u);
  EXPECT_EQ(comparison.parameters[0].key, "loss.content.weight");
  EXPECT_EQ(comparison.objectives.front().metric, "eval.content");
  EXPECT_THAT(comparison.ranking(), ElementsAre(1, 0));
  // Both specs are called "quick", so the folders tell the runs apart.
  EXPECT_EQ(comparison.trials[0].label, "000000");
  EXPECT_EQ(comparison.trials[1].label, "000001");
}

TEST(Comparison, RunsAreComparedByWhatIsKeptAndWhatIsGainedAndNeverByHowTheyWereRecorded) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  const auto add = [&](int number, const char* content, const char* style, const char* every) {
    const auto run = sweep.add_ended(number, 1, "finished", "",
                                     {{"eval.content", content}, {"eval.fid_photo", "9"}, {"eval.style", style}});
    std::filesystem::remove(run / "trial.toml");
    testing::write_text(run / "spec.toml", std::string("name = \"quick\"\n[record]\nmetrics_every = ") + every + "\n");
  };
  add(0, "0.1", "0.9", "10");
  add(1, "0.3", "0.4", "20");
  add(2, "0.4", "0.5", "20");
  const Comparison comparison = compare({sweep.trial(0), sweep.trial(1), sweep.trial(2)}, known_measures());
  EXPECT_TRUE(comparison.parameters.empty());
  ASSERT_EQ(comparison.objectives.size(), 2u);
  EXPECT_EQ(comparison.objectives[0], (Objective{"eval.content", false}));
  EXPECT_EQ(comparison.objectives[1], (Objective{"eval.style", false}));
  EXPECT_TRUE(comparison.trials[0].best);
  EXPECT_TRUE(comparison.trials[1].best);
  EXPECT_FALSE(comparison.trials[2].best);
}

TEST(Comparison, WithOneMeasureItsOwnDirectionDecidesAndWhatHasNoneDecidesNothing) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  const auto objectives = [&](const char* metric) {
    std::filesystem::remove(sweep.add_ended(0, 1, "finished", "", {{metric, "0.5"}}) / "trial.toml");
    return compare({sweep.trial(0)}, known_measures()).objectives;
  };
  EXPECT_THAT(objectives("eval.ssim"), ElementsAre(Objective{"eval.ssim", true}));
  EXPECT_THAT(objectives("eval.kid"), ElementsAre(Objective{"eval.kid", false}));
  EXPECT_THAT(objectives("eval.kid_photo"), ElementsAre());
  EXPECT_THAT(all_words(compare({sweep.trial(0)}, known_measures())), HasSubstr("Nothing was measured"));
}

TEST(Comparison, ABestThatIsItsPhotographIsSaidToBe) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_ended(0, 1, "finished", "", {{"eval.content", "0.01"}, {"eval.identity", "0.001"}});
  sweep.add_ended(1, 2, "finished", "", {{"eval.content", "0.3"}, {"eval.identity", "0.002"}});
  EXPECT_THAT(all_words(compare({scratch.path()}, known_measures())),
              HasSubstr("Trial #0 gives its photos back nearly unchanged (eval.identity 0.001)"));
  EXPECT_THAT(all_words(compare({scratch.path()}, known_measures())), Not(HasSubstr("Trial #1 gives")));
  sweep.add_ended(0, 1, "finished", "", {{"eval.content", "0.01"}, {"eval.identity", "0.1"}});
  EXPECT_THAT(all_words(compare({scratch.path()}, known_measures())), Not(HasSubstr("unchanged")));
}

TEST(Comparison, AnObjectiveOfTheWrongWayIsSaid) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path(), "minimize = [\"eval.ssim\"]");
  sweep.add_ended(0, 1, "finished", "", {{"eval.ssim", "0.5"}});
  EXPECT_THAT(all_words(compare({scratch.path()}, known_measures())),
              HasSubstr("eval.ssim is minimized here, though of it higher is better."));
}

TEST(Comparison, TooFewTrialsAreSaidToBeTooFew) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  EXPECT_THAT(all_words(compare({scratch.path()}, known_measures())), HasSubstr("There are no trials yet"));
  sweep.add_waiting(0, 1);
  EXPECT_THAT(all_words(compare({scratch.path()}, known_measures())), HasSubstr("No trial has finished"));
  sweep.add_finished(1, 1, "0.5");
  EXPECT_THAT(all_words(compare({scratch.path()}, known_measures())), HasSubstr("the only one that finished"));
}

TEST(Comparison, AllFailedSaysWhy) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  sweep.add_ended(0, 1, "failed", "out of memory", {});
  sweep.add_ended(1, 2, "failed", "out of memory", {});
  EXPECT_THAT(all_words(compare({scratch.path()}, known_measures())),
              HasSubstr("2 failed, for instance Trial #0: out of memory"));
}

TEST(Comparison, AFolderThatIsNothingIsRefusedWithWhatWasLookedFor) {
  const ScratchFolder scratch;
  try {
    compare({scratch.path()}, known_measures());
    FAIL();
  } catch (const UsageError& error) {
    EXPECT_THAT(error.what(), HasSubstr("no sweep.toml"));
    EXPECT_THAT(error.what(), HasSubstr("no spec.toml"));
  }
  EXPECT_THROW(compare({scratch.path() / "nowhere"}, known_measures()), UsageError);
}

TEST(Comparison, SeedsOfASettingShareTheirRank) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  const char* contents[] = {"0.1", "0.9", "0.3",
                            "0.4"};  // Means 0.5 and 0.35: the luckiest trial is of the worse setting.
  for (int i = 0; i < 4; ++i) {
    const auto folder = sweep.add_finished(i, 1 + i / 2, contents[i]);
    testing::write_text(folder / "trial.toml",
                        "number = " + std::to_string(i) + "\nidentity = \"x\"\nsetting = " + std::to_string(i / 2) +
                            "\nseed = " + std::to_string(i % 2) +
                            "\n[parameters]\n\"loss.content.weight\" = " + std::to_string(1 + i / 2) + ".0\n");
  }
  const Comparison comparison = compare({scratch.path()}, known_measures());
  EXPECT_THAT(comparison.ranking(), ElementsAre(2, 3, 0, 1));
  for (const std::size_t i : {0, 1, 2, 3}) EXPECT_EQ(*comparison.trials[i].rank, i < 2 ? 1u : 0u);
}

TEST(Comparison, TrialsThatDoNotSayTheirDataOutvoteNobody) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path());
  for (int i = 0; i < 3; ++i) sweep.add_finished(i, i + 1, "0.5");
  EXPECT_THAT(compare({scratch.path()}, known_measures()).ranking(), ElementsAre(0, 1, 2));
  testing::write_text(sweep.trial(1) / "provenance.toml", "data_digest = \"aaaa\"\n");
  const Comparison comparison = compare({scratch.path()}, known_measures());
  EXPECT_EQ(comparison.data, "aaaa");
  EXPECT_THAT(comparison.ranking(), ElementsAre(1));
}

}  // namespace
}  // namespace atelier
