#include "framework/records/measure.h"

#include <gtest/gtest.h>

#include <cmath>

namespace atelier {
namespace {

const Measures declared{{
    {.name = "loss.*", .group = "losses", .weight = "weights.*"},
    {.name = "loss.sharp.*", .group = "losses", .better = Better::lower},
    {.name = "accuracy", .better = Better::higher, .read_as = "share of \"right\" answers; 1 is all"},
    {.name = "spread",
     .group = "health",
     .better = Better::neither,
     .logarithmic = true,
     .marks = {{0.5, "half"}},
     .failure_modes = {{.name = "flat", .limit = 0.05, .setting = "health.spread", .reason = "less than {} is left"},
                       {.name = "wild", .above = true, .limit = 0.9, .setting = "health.lead", .complement = true}}},
}};

TEST(Measures, ANameComesBeforeItsFamilyAndALongerFamilyBeforeAShorter) {
  EXPECT_EQ(declared.of("accuracy").better, Better::higher);
  EXPECT_EQ(declared.of("loss.total").group, "losses");
  EXPECT_EQ(declared.of("loss.total").better, Better::unknown);
  EXPECT_EQ(declared.of("loss.sharp.edges").better, Better::lower);
}

TEST(Measures, TheWeightOfALossIsNamedAfterIt) {
  EXPECT_EQ(declared.of("loss.total").weight, "weights.total");
  const Measures own{{{.name = "loss.edges", .weight = "weights.*"}}};
  EXPECT_EQ(own.of("loss.edges").weight, "weights.edges");
}

TEST(Measures, OfAnUnknownOneOnlyTheNameIsKnown) {
  EXPECT_EQ(declared.of("speedup"), (Measure{.name = "speedup"}));
  EXPECT_EQ(declared.of("speedup").group, "other");
  EXPECT_EQ(in_words(declared.of("speedup").better), "");
}

TEST(Measures, AreReadAsTheyWereWritten) {
  const Measures read = Measures::from(Document::from_text(declared.to_toml(), "measures.toml", {}));
  EXPECT_EQ(read.all(), declared.all());
}

TEST(Measures, WhatALaterVersionAddsIsLeftOut) {
  const Measures read = Measures::from(Document::from_text(
      "[accuracy]\nbetter = \"higher\"\ncolour = \"red\"\n[accuracy.more.deeper.still]\nx = 1\n", "measures.toml", {}));
  EXPECT_EQ(read.all(), (std::vector<Measure>{{.name = "accuracy", .better = Better::higher}}));
}

TEST(Measures, AWrongValueIsSaidWithItsLine) {
  try {
    Measures::from(Document::from_text("[accuracy]\nbetter = \"red\"\n", "measures.toml", {}));
    FAIL() << "was read";
  } catch (const UsageError& problem) {
    EXPECT_TRUE(std::string(problem.what()).starts_with("measures.toml:2: better = \"red\"")) << problem.what();
  }
}

TEST(Measures, TheLaterOfTwoDeclarationsHolds) {
  Measures both = declared;
  both.add({{.name = "accuracy", .better = Better::lower}, {.name = "fresh"}});
  EXPECT_EQ(both.of("accuracy").better, Better::lower);
  EXPECT_EQ(both.all().size(), declared.all().size() + 1);
}

TEST(FailureMode, IsBeyondItsLimitAndNeverWithoutANumber) {
  const FailureMode below{.name = "flat"}, above{.name = "wild", .above = true};
  EXPECT_TRUE(below.holds(0.04, 0.05));
  EXPECT_FALSE(below.holds(0.05, 0.05));
  EXPECT_TRUE(above.holds(0.99, 0.98));
  EXPECT_FALSE(above.holds(0.98, 0.98));
  EXPECT_FALSE(below.holds(std::nan(""), 0.05) || above.holds(std::nan(""), 0.98));
}

}  // namespace
}  // namespace atelier
