// The switches under [speed] change rounding at most.
#include <gtest/gtest.h>

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
    changes.insert(changes.end(), {"train.generator.epsilon=1e-5", "train.discriminator.epsilon=1e-5", "generator.width=16",
                                   "discriminator.width=16"});
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
  const struct {
    Changes changes;
    double first, later;
  } cases[] = {
      {{"speed.convolution=winograd"}, 2e-6, 2e-5},
      {{"speed.convolution=winograd4"}, 1e-5, 1e-4},  // transforms with 4, 5 and 8 lose some bits
      {{"speed.fused_norm=true"}, 2e-6, 2e-5},
      {{"speed.one_pass=true"}, 2e-6, 2e-5},
      {{"speed.channels_last=false"}, 2e-6, 2e-5},
      {{"speed.convolution=winograd", "speed.fused_norm=true", "speed.one_pass=true", "speed.prefetch=true"}, 2e-6, 2e-5},
  };
  for (const Changes& more : {Changes{}, Changes{"generator.norm=instance", "discriminator.norm=instance", "discriminator.spectral=true"},
                              Changes{"generator.kind=light", "loss.adversarial.kind=wgan-gp"}, Changes{"generator.kind=unet", "generator.norm=batch"}}) {
    Changes plain{"speed.convolution=direct", "speed.fused_norm=false", "speed.one_pass=false", "speed.prefetch=false"};
    plain.insert(plain.end(), more.begin(), more.end());
    const std::vector<at::Tensor> expected = losses(plain);
    for (const auto& [changes, first, later] : cases) {
      Changes all = plain;
      all.insert(all.end(), changes.begin(), changes.end());
      const std::vector<at::Tensor> found = losses(all);
      const std::string shown = to_text(changes) + " with " + to_text(more);
      if (std::getenv("SHOW")) printf("%s", (shown + "\n").c_str());
      for (std::size_t i = 0; i < found.size(); ++i) {
        if (std::getenv("SHOW")) printf("%.3g ", difference(expected[i], found[i]));
        EXPECT_LE(difference(expected[i], found[i]), i == 0 ? first : later) << shown << " step " << i;
      }
      if (std::getenv("SHOW")) printf("\n");
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

}  // namespace
}  // namespace atelier
