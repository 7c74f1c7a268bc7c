#include "framework/training/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "framework/core/error.h"
#include "framework/training/optimizer_options.h"
#include "tests/error_of.h"

namespace atelier {
namespace {

void expect_rates(const Schedule& schedule, const std::vector<double>& rates) {
  for (std::size_t step = 0; step < rates.size(); ++step) {
    EXPECT_NEAR(schedule.rate(static_cast<std::int64_t>(step)), rates[step], 1e-15) << "step " << step;
  }
}

TEST(Schedule, ConstantStaysAfterItsWarmup) {
  expect_rates({.lr = 0.8, .total = 4}, {0.8, 0.8, 0.8, 0.8});
  expect_rates({.lr = 0.8, .warmup = 4, .final = 0.1, .total = 6}, {0.2, 0.4, 0.6, 0.8, 0.8, 0.8});
}

TEST(Schedule, LinearFallsAfterTheHoldToItsFinalPartAtTheLastStep) {
  // 11 steps: from 1 at the first to 0 at the last, a tenth each.
  expect_rates({.lr = 1, .kind = Schedule::Kind::linear, .total = 11},
               {1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0});
  // Half of 10 steps held, then from step 5 to step 9 in four equal falls to a fifth.
  expect_rates({.lr = 2, .kind = Schedule::Kind::linear, .hold = 0.5, .final = 0.2, .total = 10},
               {2, 2, 2, 2, 2, 2, 1.6, 1.2, 0.8, 0.4, 0.4, 0.4});
}

TEST(Schedule, CosineFallsAlongHalfAWave) {
  const double r = std::sqrt(0.5);
  expect_rates({.lr = 1, .kind = Schedule::Kind::cosine, .total = 5}, {1, (1 + r) / 2, 0.5, (1 - r) / 2, 0});
  expect_rates({.lr = 1, .kind = Schedule::Kind::cosine, .warmup = 2, .final = 0.5, .total = 6},
               {0.5, 1, 0.5 + (1 + r) / 4, 0.75, 0.5 + (1 - r) / 4, 0.5});
}

TEST(Schedule, AWarmupLongerThanTheTrainingAndAHoldOfAllNeverFall) {
  expect_rates({.lr = 1, .kind = Schedule::Kind::linear, .warmup = 4, .total = 2}, {0.25, 0.5, 0.75, 1});
  expect_rates({.lr = 1, .kind = Schedule::Kind::linear, .hold = 1, .total = 3}, {1, 1, 1, 1});
  expect_rates({.lr = 1, .kind = Schedule::Kind::cosine, .total = 1}, {1});
}

TEST(Schedule, NamesAreThoseOfSpecs) {
  OptimizerOptions options;
  Fields fields;
  describe(fields, "generator", options);
  for (const auto& [name, kind] : {std::pair{"linear", Schedule::Kind::linear},
                                   {"cosine", Schedule::Kind::cosine},
                                   {"constant", Schedule::Kind::constant}}) {
    fields.find("generator.schedule")->assign(Value(name), {"test", {}});
    EXPECT_EQ(options.schedule.kind, kind) << name;
    EXPECT_EQ(fields.find("generator.schedule")->value(), Value(name));
  }
  EXPECT_EQ(error_of<UsageError>([&] {
              fields.find("generator.schedule")->assign(Value("cosin"), {"test", {}});
            }),
            "test: generator.schedule = \"cosin\": expected \"constant\", \"linear\" or \"cosine\"; did you mean "
            "\"cosine\"?");
}

}  // namespace
}  // namespace atelier
