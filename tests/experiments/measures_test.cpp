#include <gtest/gtest.h>

#include <algorithm>

#include "experiments/spec.h"

namespace atelier {
namespace {

TEST(Measure, DirectionsAreThoseOfTheDocumentation) {  // docs/files.md, the table of eval measures
  for (const char* metric : {"eval.content", "eval.style", "eval.kid", "eval.fid", "eval.truth"}) {
    EXPECT_EQ(known_measures().of(metric).better, Better::lower) << metric;
  }
  EXPECT_EQ(known_measures().of("eval.ssim").better, Better::higher);
  for (const char* metric : {"eval.identity", "eval.kid_photo", "eval.fid_photo"}) {
    EXPECT_EQ(known_measures().of(metric).better, Better::neither) << metric;
  }
}

TEST(Measure, EveryGroupHasAHeadingAndOtherProgramsMeasuresHaveOneToo) {
  for (const char* metric : {"generator.total", "discriminator.real", "eval.kid", "health.output_spread",
                             "lr.generator", "memory.peak_mb", "speed.step_seconds", "accuracy", "val.loss"}) {
    const std::string group = known_measures().of(metric).group;
    EXPECT_TRUE(std::any_of(measure_groups().begin(), measure_groups().end(), [&](const MeasureGroup& known) {
      return known.name == group;
    })) << metric;
  }
  EXPECT_EQ(known_measures().of("generator.content").group, "losses");
  EXPECT_EQ(known_measures().of("lr.discriminator").group, "rates");
  EXPECT_EQ(known_measures().of("accuracy").group, "other");
  EXPECT_EQ(known_measures().of("accuracy").better, Better::unknown);
}

}  // namespace
}  // namespace atelier
