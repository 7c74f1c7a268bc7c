#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "experiments/health/health_measures.h"
#include "experiments/health/measures.h"
#include "experiments/losses/adversarial.h"
#include "framework/core/error.h"
#include "framework/core/log.h"
#include "framework/training/failure_monitor.h"
#include "tests/command.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

using testing::HasSubstr;

double lead(std::vector<double> real, std::vector<double> fake, const char* kind) {
  return discriminator_lead(adversarial_loss(kind), at::tensor(real, at::kDouble), at::tensor(fake, at::kDouble))
      .item<double>();
}

TEST(DiscriminatorLead, IsTheShareOfPatchesOnTheirSide) {
  // 3 of 4 real ones above, 1 of 2 generated ones below: the mean of 0.75 and 0.5.
  for (const char* kind : {"bce", "hinge"}) EXPECT_NEAR(lead({1, 2, 0.1, -3}, {-1, 0.2}, kind), 0.625, 1e-7);
  EXPECT_NEAR(lead({1, 2, 0.1, -3}, {-1, 0.6}, "lsgan"), (0.5 + 0.5) / 2, 1e-7);
  // The means are 7 and 3, so the border is 5.
  EXPECT_NEAR(lead({4, 10}, {1, 5.5, 2.5}, "wgan-gp"), (0.5 + 2.0 / 3) / 2, 1e-6);
  EXPECT_NEAR(lead({5, 5}, {5, 5}, "wgan-gp"), 0, 0);
  EXPECT_THROW(lead({1}, {1}, "none"), Error);
}

TEST(OutputChange, IsOfThePictureThatIsShown) {
  const at::Tensor photo = at::full({2, 3, 4, 4}, 0.5);
  EXPECT_NEAR(output_change(photo, photo).item<double>(), 0, 0);
  EXPECT_NEAR(output_change(photo + 0.1, photo).item<double>(), 0.1, 1e-6);
  EXPECT_NEAR(output_change(photo + 7, photo).item<double>(), 0.5, 1e-6);
}

TEST(OutputSpread, ComparesAllPairs) {
  const auto pictures = [](std::vector<double> values) {
    return at::tensor(values).view({-1, 1, 1, 1}).expand({-1, 3, 2, 2});
  };
  // Pairs of photos differ by 0.2, 0.6 and 0.4; of outputs by 0.1, 0.1 and 0.
  EXPECT_NEAR(output_spread(pictures({0.1, 0.2, 0.2}), pictures({0.2, 0.4, 0.8})).item<double>(), 0.2 / 1.2, 1e-6);
  EXPECT_NEAR(output_spread(pictures({0.3, 0.3}), pictures({0, 1})).item<double>(), 0, 0);
  EXPECT_NEAR(output_spread(pictures({0, 1}), pictures({0, 1})).item<double>(), 1, 1e-6);
  EXPECT_NEAR(output_spread(pictures({5, 9}), pictures({0, 1})).item<double>(), 0, 0);  // both are shown white
  EXPECT_NEAR(output_spread(pictures({0.5, 0.5}), pictures({0.5, 0.5})).item<double>(), 1, 0);
  EXPECT_THROW(output_spread(pictures({1}), pictures({1})), Error);
}

using Record = std::map<std::string, double>;

Record healthy() {
  return {{"health.discriminator_lead", 0.7},
          {"health.output_change", 0.1},
          {"health.output_spread", 0.8},
          {"generator.total", 3}};
}

Record with(const std::string& measure, double value) {
  Record record = healthy();
  record[measure] = value;
  return record;
}

HealthSpec spec(std::vector<std::string> end) {
  HealthSpec spec;
  spec.end = std::move(end);
  spec.patience = 3;
  return spec;
}

FailureMonitor monitor_of(const HealthSpec& spec) { return {health_measures(spec), spec.end, spec.patience}; }

TEST(FailureMonitor, EndsWhenAFailureModeHasLasted) {
  const struct {
    const char *mode, *measure;
    double value;
    const char* sentence;
  } cases[] = {
      {"won", "health.discriminator_lead", 0.995,
       "the discriminator has won: it told more than 0.98 of the patches apart in 3 records in a row (0.995 in the "
       "last)"},
      {"lost", "health.discriminator_lead", 0.01,
       "the discriminator has lost: it told less than 0.02 of the patches apart in 3 records in a row (0.01 in the "
       "last)"},
      {"unchanged", "health.output_change", 0.001,
       "the output is its input: their pixels differed by less than 0.005 in 3 records in a row (0.001 in the last)"},
      {"collapsed", "health.output_spread", 0.04,
       "the output ignores its input: outputs differed by less than 0.05 of what their photos do in 3 records in a row "
       "(0.04 in the last)"},
  };
  for (const auto& [mode, measure, value, sentence] : cases) {
    FailureMonitor monitor = monitor_of(spec({mode}));
    EXPECT_FALSE(monitor.observe(with(measure, value))) << mode;
    EXPECT_FALSE(monitor.observe(with(measure, value))) << mode;
    EXPECT_EQ(monitor.observe(with(measure, value)), sentence);
  }
}

TEST(FailureMonitor, StartsAgainAfterAHealthyRecord) {
  FailureMonitor monitor = monitor_of(spec({"won"}));
  for (int i = 0; i < 10; ++i) {
    EXPECT_FALSE(monitor.observe(with("health.discriminator_lead", 1)));
    EXPECT_FALSE(monitor.observe(with("health.discriminator_lead", 1)));
    EXPECT_EQ(monitor.records("won"), 2);
    EXPECT_FALSE(monitor.observe(with("health.discriminator_lead", 0.98)));  // the limit itself is healthy
    EXPECT_EQ(monitor.records("won"), 0);
  }
}

TEST(FailureMonitor, DoesNotCountRecordsWithoutTheValue) {
  FailureMonitor monitor = monitor_of(spec({"won", "lost", "unchanged", "collapsed"}));
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(monitor.observe({{"generator.content", 1}}));
  monitor.observe(with("health.discriminator_lead", 1));
  monitor.observe({});
  EXPECT_EQ(monitor.records("won"), 1);
}

TEST(FailureMonitor, WarnsOnceOfWhatDoesNotEndTheTraining) {
  const ScratchFolder folder;
  {
    const LogFile log(folder / "log.txt");
    FailureMonitor monitor = monitor_of(spec({"collapsed"}));
    const auto failing = with("health.output_change", 0);
    for (int i = 0; i < 8; ++i) EXPECT_FALSE(monitor.observe(failing));
    monitor.observe(healthy());
    for (int i = 0; i < 4; ++i) EXPECT_FALSE(monitor.observe(failing));
  }
  const std::string log = read_text(folder / "log.txt");
  std::size_t warnings = 0;
  for (std::size_t at = log.find("the output is its input"); at != std::string::npos;
       at = log.find("the output is its input", at + 1))
    ++warnings;
  EXPECT_EQ(warnings, 2u) << log;  // once for each time that it lasted
}

TEST(FailureMonitor, GoesOnWhereItStopped) {
  FailureMonitor whole = monitor_of(spec({"won"}));
  const auto failing = with("health.discriminator_lead", 1);
  whole.observe(failing);
  whole.observe(failing);
  TensorMap state;
  whole.save("health", state);
  FailureMonitor resumed = monitor_of(spec({"won"}));
  resumed.load("health", state);
  EXPECT_EQ(resumed.observe(failing), whole.observe(failing));
  EXPECT_TRUE(resumed.records("won") == 3);
  FailureMonitor empty = monitor_of(spec({}));
  EXPECT_THROW(empty.load("other", state), Error);
}

}  // namespace
}  // namespace atelier
