// The switches under [speed] change rounding at most.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/experiments/tiny_training.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

class Speed : public testing::Test {
 protected:
  Speed() { make_tiny_experiment(folder_.path()); }

  // With a larger epsilon than usual: where gradients are near zero Adam makes whole steps of their rounding noise.
  std::vector<at::Tensor> losses(Changes changes) {
    changes.insert(changes.end(), {"train.generator.epsilon=1e-5", "train.discriminator.epsilon=1e-5",
                                   "generator.width=16", "discriminator.width=16"});
    return TinyTraining(folder_.path(), changes).run(0, 4);
  }
  /// The largest relative difference of a step's losses.
  double difference(const at::Tensor& a, const at::Tensor& b) {
    const std::int64_t count = a.numel() - 3;  // health: a share of patches and gradients' norms
    const at::Tensor x = a.narrow(0, 0, count).to(at::kDouble), y = b.narrow(0, 0, count).to(at::kDouble);
    return ((x - y).abs() / x.abs()).max().item<double>();
  }

  ScratchFolder folder_;
};

TEST_F(Speed, SwitchesChangeRoundingAlone) {
  const std::vector<Changes> switches{
      {"speed.convolution=winograd"},
      {"speed.convolution=winograd4"},
      {"speed.fused_norm=true"},
      {"speed.one_pass=true"},
      {"speed.channels_last=false"},
      {"speed.convolution=winograd", "speed.fused_norm=true", "speed.one_pass=true", "speed.prefetch=true"},
  };
  for (const Changes& more :
       {Changes{}, Changes{"generator.norm=instance", "discriminator.norm=instance", "discriminator.spectral=true"},
        Changes{"generator.kind=light", "loss.adversarial.kind=lsgan"},
        Changes{"generator.kind=unet", "generator.norm=batch"}}) {
    Changes plain{"speed.convolution=direct", "speed.fused_norm=false", "speed.one_pass=false", "speed.prefetch=false"};
    plain.insert(plain.end(), more.begin(), more.end());
    const std::vector<at::Tensor> expected = losses(plain);
    for (const Changes& changes : switches) {
      Changes all = plain;
      all.insert(all.end(), changes.begin(), changes.end());
      const std::vector<at::Tensor> found = losses(all);
      const std::string shown = to_text(changes) + " with " + to_text(more);
      for (std::size_t i = 0; i < found.size(); ++i) {
        // The first step's losses differ by the last bits alone. Later ones also by updates, whose gradients jump where
        // a difference or an activation changes its sign.
        EXPECT_LE(difference(expected[i], found[i]), i == 0 ? 2e-6 : 2e-4) << shown << " step " << i;
      }
    }
  }
}

TEST_F(Speed, ReadingAheadChangesNothing) {
  for (const Changes& more : {Changes{}, Changes{"pretrain.steps=2"}, Changes{"train.discriminator_steps=2"}}) {
    Changes with = more, without = more;
    with.push_back("speed.prefetch=true");
    without.push_back("speed.prefetch=false");
    const std::vector<at::Tensor> a = losses(with), b = losses(without);
    for (std::size_t i = 0; i < a.size(); ++i) EXPECT_TRUE(same_bits(a[i], b[i])) << to_text(more) << " step " << i;
  }
}

/// Repeats work on a processor as a GPU repeats what was recorded: with the memory, and the numbers on the host, of the
/// first time.
class Repeater : public GraphCapture {
 public:
  void capture(const std::function<void()>& work) override { work_ = work; }
  void replay() override { work_(); }

 private:
  std::function<void()> work_;
};

// So a step depends on nothing but tensors that stay where they are: what a recorded one is made of.
TEST_F(Speed, CapturedStepsHaveTheSameBits) {
  std::vector<Changes> all = every_choice();
  for (const Changes& changes : more_choices()) all.push_back(changes);
  all.push_back({"pretrain.steps=5", "train.ema=0.9"});
  for (Changes changes : all) {
    changes.insert(changes.begin(), "data.crop=16");
    TinyTraining plain(folder_.path(), changes), repeated(folder_.path(), changes);
    repeated.task.capture_steps([] { return std::make_unique<Repeater>(); });
    for (std::int64_t step = 0; step < 9; ++step) {
      EXPECT_TRUE(same_bits(plain.task.step(step), repeated.task.step(step))) << to_text(changes) << " step " << step;
    }
    const auto [model, rest] = plain.state();
    const auto [other_model, other_rest] = repeated.state();
    for (const auto& [name, tensor] : model)
      EXPECT_TRUE(same_bits(tensor, other_model.at(name))) << to_text(changes) << " " << name;
    for (const auto& [name, tensor] : rest)
      EXPECT_TRUE(same_bits(tensor, other_rest.at(name))) << to_text(changes) << " " << name;
  }
}

// How much a term counts is an input of a step.
TEST_F(Speed, AWeightThatChangesCountsInCapturedStepsToo) {
  const ExperimentSpec spec = tiny_spec(folder_.path(), {"data.crop=16", "loss.tv.weight=1"});
  const PhotoToAnimeData data = PhotoToAnimeData::open(spec.as<PhotoToAnimeSpec>().data);
  const auto alone = make_serial_communicator();
  const auto steps = [&] { return GanSteps(spec.as<PhotoToAnimeSpec>(), spec.seed, data, *alone); };
  GanSteps plain = steps(), repeated = steps(), unchanged = steps();
  CapturedStep recorded(std::make_unique<Repeater>());
  const std::vector<std::string> names = plain.metric_names(/*pretrains=*/false);
  const auto find = [&](const char* name) { return std::ranges::find(names, name) - names.begin(); };
  const std::int64_t tv = find("generator.tv"), total = find("generator.total");
  for (std::int64_t step = 0; step < 9; ++step) {
    StepInputs inputs = plain.inputs(step), same = repeated.inputs(step);
    const bool changed = step >= 6;  // recorded since the fourth
    for (StepInputs* each : {&inputs, &same}) {
      each->weights.generator = each->weights.generator.clone();
      if (changed) each->weights.generator[tv] = 1001.0;
    }
    const at::Tensor expected = plain.compute(inputs), losses = repeated.compute(same, recorded);
    EXPECT_TRUE(same_bits(losses, expected)) << "step " << step;
    const at::Tensor other = unchanged.compute(unchanged.inputs(step));
    if (step < 6) {
      EXPECT_TRUE(same_bits(losses, other)) << "step " << step;
    }
    // The networks still are the same in the first step that differs.
    if (step != 6) continue;
    const double value = losses[tv].item<double>(), more = 1000 * value;
    EXPECT_EQ(value, other[tv].item<double>());
    EXPECT_NEAR(losses[total].item<double>() - other[total].item<double>(), more, 1e-4 * more);
  }
  TensorMap model, other_model, rest;
  repeated.save(model, rest);
  unchanged.save(other_model, rest);
  const std::string weight = std::ranges::find_if(model, [](const auto& entry) {
                               return entry.first.starts_with("generator.") && entry.first.ends_with(".weight");
                             })->first;
  EXPECT_FALSE(same_bits(model.at(weight), other_model.at(weight)));
}

TEST_F(Speed, ResidentPicturesAreTheSameBatches) {
  for (const Changes& more : {Changes{}, Changes{"data.flip=false", "data.crop=40"},
                              Changes{"speed.channels_last=false", "loss.smooth.weight=0"}}) {
    const ExperimentSpec spec = tiny_spec(folder_.path(), more);
    const PhotoToAnimeData data = PhotoToAnimeData::open(spec.as<PhotoToAnimeSpec>().data);
    BatchSource read(spec.as<PhotoToAnimeSpec>(), data, {.seed = 3, .first_slot = 1, .slots = 2, .photos_only = 2});
    BatchSource resident(spec.as<PhotoToAnimeSpec>(), data,
                         {.seed = 3, .first_slot = 1, .slots = 2, .photos_only = 2, .resident_gb = 1});
    for (std::int64_t number = 0; number < 12; ++number) {
      const PhotoToAnimeBatch a = read.read(number), b = resident.read(number);
      EXPECT_EQ(a.first, b.first);
      for (const auto& [x, y] : {std::pair{a.photo, b.photo}, {a.anime, b.anime}, {a.smoothed, b.smoothed}}) {
        ASSERT_EQ(x.defined(), y.defined()) << to_text(more) << " batch " << number;
        if (!x.defined()) continue;
        EXPECT_TRUE(same_bits(x, y)) << to_text(more) << " batch " << number;
        EXPECT_EQ(x.strides(), y.strides());
      }
      ASSERT_EQ(a.anime_samples.size(), b.anime_samples.size());
      for (std::size_t i = 0; i < a.photo_samples.size(); ++i)
        EXPECT_EQ(a.photo_samples[i].image, b.photo_samples[i].image);
    }
  }
}

}  // namespace
}  // namespace atelier
