// Every choice of a spec trains: finite losses that move.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/experiments/tiny_training.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

class Choices : public testing::Test {
 protected:
  Choices() { make_tiny_experiment(folder_.path()); }

  void expect_training(Changes changes) {
    changes.insert(changes.begin(), "data.crop=16");
    const std::string shown = to_text(changes);
    try {
      TinyTraining training(folder_.path(), changes);
      const std::vector<at::Tensor> losses = training.run(0, 20);
      const std::vector<std::string> names = training.task.metric_names("train");
      ASSERT_EQ(static_cast<std::size_t>(losses.front().numel()), names.size()) << shown;
      for (const at::Tensor& step : losses) EXPECT_TRUE(at::isfinite(step).all().item<bool>()) << shown << step;
      for (std::size_t i = 0; i < names.size(); ++i) {
        // The share of patches told apart is coarse and may stand still.
        if (names[i] == "health.discriminator_lead") continue;
        const auto value = [&](const at::Tensor& step) { return step[static_cast<std::int64_t>(i)].item<double>(); };
        EXPECT_FALSE(std::all_of(losses.begin() + 1, losses.end(),
                                 [&](const at::Tensor& step) { return value(step) == value(losses[0]); }))
            << shown << ": " << names[i] << " stays " << value(losses[0]);
      }
      for (const auto& [name, value] : training.task.evaluate()) EXPECT_TRUE(std::isfinite(value)) << shown << name;
    } catch (const std::exception& problem) {
      ADD_FAILURE() << shown << ": " << problem.what();
    }
  }

  ScratchFolder folder_;
};

TEST_F(Choices, EveryChoiceTrains) {
  for (const Changes& changes : every_choice()) expect_training(changes);
}

TEST_F(Choices, WhatChoicesDoTogetherTrains) {
  for (const Changes& changes : more_choices()) expect_training(changes);
}

TEST_F(Choices, EveryNormTrainsWithEveryAdversarialLossOrIsRefused) {
  for (const std::string_view norm : norms().names()) {
    const Changes changes{"discriminator.norm=" + std::string(norm), "loss.adversarial.kind=wgan-gp"};
    if (norm == "batch") {
      EXPECT_THROW(tiny_spec(folder_.path(), changes), UsageError);
    } else {
      expect_training(changes);
    }
  }
}

TEST_F(Choices, PretrainingTrains) {
  TinyTraining training(folder_.path(), {"pretrain.steps=20", "pretrain.lr=0.001"});
  const std::vector<at::Tensor> losses = training.run(0, 20);
  const auto content = [&](std::int64_t first) {
    double sum = 0;
    for (std::int64_t i = first; i < first + 5; ++i) sum += losses[static_cast<std::size_t>(i)][0].item<double>();
    return sum;
  };
  EXPECT_LT(content(15), content(0));  // the mean of an epoch
}

// 8 bits of mantissa in the networks; the losses themselves are computed in single precision.
TEST_F(Choices, HalfThePrecisionGivesNearlyTheSameLosses) {
  for (const std::string_view kind : generators().names()) {
    const std::string generator = "generator.kind=" + std::string(kind);
    TinyTraining single(folder_.path(), {generator}), half(folder_.path(), {generator, "train.precision=bf16"});
    const at::Tensor a = single.task.step(0), b = half.task.step(0);
    const std::vector<std::string> names = single.task.metric_names("train");
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i].starts_with("health.")) continue;
      const double x = a[static_cast<std::int64_t>(i)].item<double>(),
                   y = b[static_cast<std::int64_t>(i)].item<double>();
      EXPECT_NEAR(y, x, 0.03 * std::abs(x)) << kind << " " << names[i];
      EXPECT_NE(y, x);
    }
  }
}

}  // namespace
}  // namespace atelier
