// Every choice of a spec trains: finite losses that move.
#include <gtest/gtest.h>

#include <cmath>

#include "experiments/catalog.h"
#include "experiments/photo_to_anime.h"
#include "experiments/spec.h"
#include "tests/scratch_folder.h"
#include "tests/tiny_data.h"

namespace atelier {
namespace {

class Catalog : public testing::Test {
 protected:
  Catalog() { make_tiny_experiment(folder_.path()); }

  void expect_training(const std::vector<std::string>& changes) {
    std::string shown;
    Document document = Document::from_file(folder_ / "tiny.toml");
    for (const std::string& change : changes) {
      document.set(change);
      shown += change + " ";
    }
    const ExperimentSpec spec = ExperimentSpec::from(document);
    const PhotoToAnimeData data = PhotoToAnimeData::open(spec.photo_to_anime.data);
    const auto alone = make_serial_communicator();
    PhotoToAnime task(spec.photo_to_anime, spec.seed, data, *alone);
    const at::Tensor first = task.step(0);
    at::Tensor last;
    for (std::int64_t step = 1; step < 20; ++step) last = task.step(step);
    EXPECT_EQ(static_cast<std::size_t>(first.numel()), task.metric_names("train").size()) << shown;
    EXPECT_TRUE(at::isfinite(last).all().item<bool>()) << shown;
    EXPECT_FALSE((first == last).any().item<bool>()) << shown << first << last;
    for (const auto& [name, value] : task.evaluate()) EXPECT_TRUE(std::isfinite(value)) << shown << name;
  }

  ScratchFolder folder_;
};

TEST_F(Catalog, EveryGeneratorTrains) {
  for (const std::string_view kind : generator_names()) expect_training({"generator.kind=" + std::string(kind)});
  for (const char* change : {"generator.upsample=nearest", "generator.upsample=bilinear", "generator.padding=reflect",
                             "generator.output=tanh", "generator.output=residual"}) {
    expect_training({change});
  }
}

TEST_F(Catalog, EveryDiscriminatorTrains) {
  for (const std::string_view kind : discriminator_names()) {
    expect_training({"discriminator.kind=" + std::string(kind)});
    expect_training({"discriminator.kind=" + std::string(kind), "discriminator.spectral=true", "discriminator.depth=3"});
  }
}

TEST_F(Catalog, EveryNormTrains) {
  for (const std::string_view norm : norm_names()) {
    expect_training({"generator.norm=" + std::string(norm), "discriminator.norm=" + std::string(norm)});
  }
}

TEST_F(Catalog, EveryLossTrains) {
  for (const char* kind : {"bce", "lsgan", "hinge"}) expect_training({std::string("loss.adversarial.kind=") + kind});
  expect_training({"loss.content.distance=l2", "loss.style.distance=l2", "loss.style.layers=[\"conv1_1\", \"conv2_1\"]"});
  expect_training({"loss.color.weight=1", "loss.tv.weight=1", "loss.identity.weight=1"});
  expect_training({"loss.color.weight=1", "loss.color.space=lab", "loss.style.gram=hw"});
  expect_training({"loss.smooth.weight=0", "loss.content.weight=0"});
  expect_training({"loss.style.weight=0", "loss.content.weight=0"});
}

TEST_F(Catalog, EveryFeatureNetworkAndPreprocessingTrains) {
  for (const std::string_view network : network_names()) {
    std::vector<std::string> changes{"features.network=" + std::string(network)};
    if (network.starts_with("squeezenet")) {
      for (const char* change : {"loss.content.layer=fire3", "loss.style.layers=[\"conv1\", \"fire4\"]", "evaluate.content_layer=fire2",
                                 "evaluate.style_layers=[\"fire3\"]", "evaluate.pooled_layer=fire5"}) {
        changes.emplace_back(change);
      }
    }
    expect_training(changes);
  }
  for (const char* preprocess : {"none", "swapped"}) expect_training({std::string("features.preprocess=") + preprocess});
}

}  // namespace
}  // namespace atelier
