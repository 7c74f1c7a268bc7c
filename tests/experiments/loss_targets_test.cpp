// Loss targets that are kept on disk are the same bits as those that are computed, and are used again where they may
// be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <unistd.h>

#include "framework/core/log.h"
#include "tests/experiments/tiny_training.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

using testing::HasSubstr;

class KeptTargets : public testing::Test {
 protected:
  KeptTargets() { make_tiny_experiment(folder_.path()); }

  /// Losses and networks after some steps on whole pictures; `changes` on top of that.
  struct Outcome {
    std::vector<at::Tensor> losses;
    TensorMap model;
  };
  Outcome train(Changes changes, std::int64_t steps = 7) {
    changes.insert(changes.begin(), "data.crop=40");
    TinyTraining training(folder_.path(), changes);
    std::vector<at::Tensor> losses = training.run(0, steps);
    return {std::move(losses), training.state().first};
  }
  /// How many targets are computed, rather than read, for the batches of so many steps.
  std::int64_t computed(Changes changes, std::int64_t steps = 7) {
    changes.insert(changes.begin(), "data.crop=40");
    const ExperimentSpec whole = tiny_spec(folder_.path(), changes);
    const PhotoToAnimeSpec& spec = whole.as<PhotoToAnimeSpec>();
    const PhotoToAnimeData data = PhotoToAnimeData::open(spec.data);
    const auto alone = make_serial_communicator();
    const auto tensors_of_one = make_tensor_reduction(*alone);
    const GanNetworks networks(spec, whole.seed, *tensors_of_one, at::kCPU);
    LossTargets targets(spec, data, *networks.features);
    const std::int64_t first = spec.pretrain.length.steps, updates = spec.train.discriminator_steps;
    BatchSource batches(
        spec, data, {.seed = static_cast<std::uint64_t>(whole.seed), .slots = spec.data.batch, .photos_only = first});
    for (std::int64_t step = 0; step < steps; ++step) {
      const bool pretrains = step < first;
      // The generator learns from the last batch of a step.
      const PhotoToAnimeBatch batch = batches.read(pretrains ? step : first + (step - first + 1) * updates - 1);
      targets.get("content", batch);
      if (!pretrains) targets.get("style", batch);
    }
    return targets.computed();
  }
  static void expect_same(const Outcome& a, const Outcome& b, const std::string& what) {
    for (std::size_t i = 0; i < a.losses.size(); ++i) {
      EXPECT_TRUE(same_bits(a.losses[i], b.losses[i])) << what << " step " << i << a.losses[i] - b.losses[i];
    }
    for (const auto& [name, tensor] : a.model) EXPECT_TRUE(same_bits(tensor, b.model.at(name))) << what << " " << name;
  }
  std::size_t files(const char* set) const {
    const std::filesystem::path cache = folder_ / "data" / set / "cache";
    if (!std::filesystem::exists(cache)) return 0;
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(cache), {}));
  }
  std::string log_of(const Changes& changes) {
    {
      const LogFile log(folder_ / "log.txt");
      train(changes, 3);
    }
    const std::string text = read_text(folder_ / "log.txt");
    std::filesystem::remove(folder_ / "log.txt");
    return text;
  }

  ScratchFolder folder_;
};

TEST_F(KeptTargets, ChangeNoBit) {
  const std::vector<Changes> cases{
      {},
      {"data.batch=3"},
      {"data.flip=false"},
      {"train.accumulate=2"},
      {"features.cache_precision=fp16"},
      {"train.precision=bf16"},
      {"speed.channels_last=false"},
      {"speed.convolution=direct"},
      {"speed.convolution=winograd4"},
      {"pretrain.steps=4"},
      {"features.preprocess=swapped"},
      {"loss.content.layers=[\"conv1_1\", \"conv2_1\"]", "loss.style.layers=[\"conv2_1\", \"conv3_1\"]",
       "loss.style.gram=hw"},
      {"train.update=alternating", "train.discriminator_steps=2"},
  };
  for (const Changes& changes : cases) {
    const std::string shown = to_text(changes);
    Changes without = changes;
    without.push_back("features.cache=off");
    const Outcome off = train(without), cold = train(changes);
    expect_same(off, cold, shown + " cold");
    EXPECT_EQ(computed(changes), 0) << shown;
    EXPECT_GT(computed(without), 0) << shown;
    expect_same(off, train(changes), shown + " warm");
  }
}

TEST_F(KeptTargets, AreTwoAPictureWithFlips) {
  // 40 steps of two see all five photos and all five pictures of anime both ways.
  EXPECT_EQ(computed({"data.flip=true"}, 40), 20);
  EXPECT_EQ(computed({"data.flip=false"}, 40), 10);
}

TEST_F(KeptTargets, AreNotUsedForOtherSettings) {
  const std::int64_t all = computed({});
  EXPECT_EQ(computed({}), 0);
  const std::vector<Changes> others{
      {"features.preprocess=none"},
      {"loss.content.layer=conv1_1", "loss.style.layers=[\"conv1_1\"]"},
      {"features.network=vgg19"},
      {"features.cache_precision=fp16"},
      {"speed.convolution=direct"},
      {"speed.channels_last=false"},
      {"train.precision=bf16"},
      {"features.weights=" + std::string(ATELIER_SOURCE_DIR) + "/experiments/weights/vgg16-conv4_3.safetensors"}};
  for (const Changes& changes : others) EXPECT_EQ(computed(changes), all) << to_text(changes);
  EXPECT_EQ(computed({"loss.style.gram=hw"}), all / 2);  // the content stays
  // Weights of the losses and what is trained do not matter.
  EXPECT_EQ(computed({"loss.content.weight=3", "loss.style.weight=0.5", "generator.norm=instance",
                      "train.generator.lr=0.001"}),
            0);
}

TEST_F(KeptTargets, AreNotKeptOfRandomCrops) {
  EXPECT_EQ(computed({"data.crop=32"}, 6), 2 * 2 * 6);
  EXPECT_EQ(files("photos") + files("anime"), 0u);
}

TEST_F(KeptTargets, StayWithinTheDiskTheyMayTake) {
  // vgg16's conv2_1 of 40x40: 128 x 20 x 20 floats, 0.2 MB, twice for each of 5 photos: 2 MB. Gram matrices: 128 x 128
  // floats, 0.65 MB.
  EXPECT_THAT(log_of({"features.cache_gb=0.001"}),
              HasSubstr("content targets are computed anew each time: to keep them takes 0.002 GB"));
  EXPECT_EQ(files("photos"), 0u);
  EXPECT_EQ(files("anime"), 1u);
  // Together: with 2.5 MB allowed and 2 MB taken, the second kind does not fit.
  EXPECT_THAT(log_of({"features.cache_gb=0.0025", "features.preprocess=none"}),
              HasSubstr("style targets are computed anew"));
  EXPECT_EQ(files("photos"), 1u);
  EXPECT_EQ(files("anime"), 1u);
}

TEST_F(KeptTargets, AFolderThatCannotBeWrittenCostsTimeAlone) {
  const Outcome off = train({"features.cache=off"});
  // A file where the folder should be: refused whoever runs this.
  for (const char* set : {"photos", "anime"}) write_text(folder_ / "data" / set / "cache", "not a folder");
  EXPECT_THAT(log_of({}), HasSubstr("content targets are computed anew each time, they cannot be kept"));
  expect_same(off, train({}), "no cache folder");
  for (const char* set : {"photos", "anime"}) std::filesystem::remove(folder_ / "data" / set / "cache");
  if (geteuid() == 0) return;  // the administrator may write everywhere
  const auto forbid = [&](bool forbidden) {
    for (const char* set : {"photos", "anime"}) {
      std::filesystem::permissions(folder_ / "data" / set,
                                   forbidden ? std::filesystem::perms(0555) : std::filesystem::perms(0755));
    }
  };
  forbid(true);
  EXPECT_THAT(log_of({}), HasSubstr("cannot be kept"));
  expect_same(off, train({}), "read-only");
  forbid(false);
}

TEST_F(KeptTargets, ThatAreDamagedAreComputedAgain) {
  const Outcome whole = train({});
  for (const auto& file : std::filesystem::directory_iterator(folder_ / "data/photos/cache")) {
    std::string bytes = read_text(file.path());
    for (std::size_t i = bytes.size() / 2; i < bytes.size() / 2 + 8192; ++i)
      bytes[i] = static_cast<char>(bytes[i] ^ 0x55);
    write_text(file.path(), bytes);
  }
  expect_same(whole, train({}), "damaged");
}

}  // namespace
}  // namespace atelier
