#include "sweeps/sweep_spec.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiments/kind.h"
#include "framework/core/error.h"
#include "tests/error_of.h"
#include "tests/sweeps/sampler_trials.h"

namespace atelier {
namespace {

using testing::HasSubstr;

SweepSpec spec_of(const std::string& text) {
  const std::string needed = "experiment = \"e.toml\"\nminimize = [\"value\"]\n";
  return SweepSpec::from(Document::from_text(needed + text, "s.toml", "/"), pruner_presets());
}

TEST(SweepSpec, AKeyThatTheChosenSamplerOrPrunerDoesNotReadIsAccepted) {
  const SweepSpec spec = spec_of(
      "trials = 4\nsampler = \"grid\"\npopulation = 9\ngrid_points = 7\n[prune]\nkind = \"median\"\nmin = 2\nmax = 30\n"
      "factor = 4\nstartup = 3\npatience = 2\nlimit = 0.5\nresource = \"step\"\n");
  const SearchSpace space = cube_of(1);
  EXPECT_EQ(spec.make_sampler(space)->limit(), 7);
  EXPECT_NE(spec.make_pruner(), nullptr);
}

TEST(SweepSpec, WhatItWritesReadsBackTheSame) {
  SweepSpec spec =
      spec_of("trials = 4\npopulation = 9\n[prune]\nkind = [\"collapse\", \"asha\"]\nmin = 0.1\nlimit = 0.2\n");
  SweepSpec copy = spec;
  EXPECT_EQ(copy.fields().to_toml(), spec.fields().to_toml());
  SweepSpec again = SweepSpec::from(Document::from_text(spec.fields().to_toml(), "s.toml", "/"), pruner_presets());
  EXPECT_EQ(again.fields().to_toml(), spec.fields().to_toml());
  EXPECT_THAT(again.fields().to_toml(), HasSubstr("min = 0.1\n"));
}

TEST(SweepSpec, HelpSaysWhoReadsAKey) {
  SweepSpec spec;
  const Fields fields = spec.fields();
  EXPECT_THAT(fields.find("population")->help, HasSubstr("(cma-es, nsga2, pbt)"));
  EXPECT_THAT(fields.find("prune.factor")->help, HasSubstr("(asha, hyperband)"));
  EXPECT_THAT(fields.find("prune.startup")->help, HasSubstr("(median)"));
}

TEST(SweepSpec, OnlyASamplerThatEndsNeedsNoNumberOfTrials) {
  EXPECT_EQ(spec_of("sampler = \"grid\"\n").trials, 0);
  EXPECT_THAT(error_of<UsageError>([] { spec_of("sampler = \"sobol\"\n"); }), HasSubstr("sobol has no end"));
}

TEST(SweepSpec, AMisspelledSamplerOrPrunerIsCorrected) {
  EXPECT_THAT(error_of<UsageError>([] { spec_of("trials = 1\nsampler = \"soboll\"\n"); }),
              HasSubstr("did you mean \"sobol\"?"));
  EXPECT_THAT(error_of<UsageError>([] { spec_of("trials = 1\nprune.kind = \"colapse\"\n"); }),
              HasSubstr("did you mean \"collapse\"?"));
  EXPECT_THAT(error_of<UsageError>([] { make_sampler("soboll", SearchSpace(), {}); }),
              HasSubstr("there is no sampler \"soboll\"; did you mean \"sobol\"?"));
}

}  // namespace
}  // namespace atelier
