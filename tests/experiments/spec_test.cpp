#include "experiments/spec.h"

#include <gtest/gtest.h>

#include "tests/error_of.h"

namespace atelier {
namespace {

ExperimentSpec read(const std::string& text) { return ExperimentSpec::from(Document::from_text(text, "e.toml", "/x")); }

const std::string good = "[data]\nphotos = \"p\"\nanime = \"a\"\n[features]\nweights = \"w\"\n[train]\nsteps = 5\n";

TEST(ExperimentSpec, DefaultsAreTheBaseline) {
  const PhotoToAnimeSpec spec = read(good).photo_to_anime;
  EXPECT_EQ(spec.generator.width, 64);
  EXPECT_EQ(spec.generator.blocks, 8);
  EXPECT_EQ(spec.generator.norm, "layer");
  EXPECT_EQ(spec.discriminator.width, 32);
  EXPECT_EQ(spec.loss.content.weight, 10);
  EXPECT_EQ(spec.loss.style.weight, 1);
  EXPECT_EQ(spec.pretrain.content_weight, 100);
  EXPECT_EQ(spec.train.generator.lr, 1e-4);
  EXPECT_EQ(spec.train.generator.betas, (std::vector<double>{0.5, 0.999}));
  EXPECT_EQ(spec.train.generator.epsilon, 1e-7);
  EXPECT_EQ(spec.features.preprocess, "swapped");
  EXPECT_EQ(spec.data.photos, "/x/p");
}

TEST(ExperimentSpec, ReadsBackWhatItWrites) {
  ExperimentSpec spec = read(good + "[train.generator]\nlr = 3e-5\n");
  const std::string text = spec.fields().to_toml();
  EXPECT_EQ(read(text).fields().to_toml(), text);
}

TEST(ExperimentSpec, IdentityLeavesOutWhatCannotChangeAResult) {
  EXPECT_EQ(read(good).identity(), read("name = \"other\"\n" + good + "[record]\nmetrics_every = 7\n").identity());
  EXPECT_NE(read(good).identity(), read("seed = 1\n" + good).identity());
}

TEST(ExperimentSpec, ChecksWhatBelongsTogether) {
  const auto complaint = [](const std::string& text) { return error_of<UsageError>([&] { read(text); }); };
  EXPECT_EQ(complaint(good + "epochs = 2\n"),
            "e.toml:7: train.steps and train.epochs are both set; set one of them to 0");
  EXPECT_EQ(complaint("[data]\nphotos = \"p\"\nanime = \"a\"\n[features]\nweights = \"w\"\n"),
            "e.toml: train has no length; set train.steps or train.epochs");
  EXPECT_EQ(complaint("[train]\nsteps = 1\n"), "e.toml: data.photos is missing: a packed data set of photographs");
  EXPECT_EQ(
      complaint(good + "[evaluate]\ncontent_layer = \"conv4_4\"\n"),
      "e.toml:9: evaluate.content_layer = \"conv4_4\" is what loss.content.layer trains on; measure at another layer");
  EXPECT_EQ(complaint(good + "[loss]\nstyle.layers = [\"conv3_3\"]\n[evaluate]\ncontent_layer = \"conv3_3\"\n"),
            "e.toml:11: evaluate.content_layer = \"conv3_3\" is among loss.style.layers, which trains on it; measure "
            "at another layer");
  EXPECT_EQ(
      complaint(good +
                "[loss]\nstyle.layers = [\"conv3_3\"]\nstyle.weight = 0\n[evaluate]\ncontent_layer = \"conv3_3\"\n"),
      "");
  EXPECT_EQ(complaint(good + "[evaluate]\ncrop = 20\n"),
            "e.toml:9: evaluate.crop = 20: expected 0 or a multiple of 8 from 16");
  EXPECT_EQ(complaint(good + "[evaluate]\ncrop = 64\n"), "");
  EXPECT_EQ(complaint(good + "[health]\nend = [\"collapsed\"]\nphotos = 1\n"),
            "e.toml:10: health.photos = 1: health.end lists \"collapsed\", which is seen on 2 photos or more");
  EXPECT_EQ(complaint(good + "[health]\nend = [\"unchanged\"]\nphotos = 0\n"),
            "e.toml:10: health.photos = 0: health.end lists \"unchanged\", which is seen on 1 photos or more");
  EXPECT_EQ(complaint(good + "[speed]\ncuda_graphs = true\n"),
            "e.toml:9: speed.cuda_graphs = true is for GPUs, and train.device is \"cpu\"");
  EXPECT_NE(complaint(good + "[pretrain]\nsteps = 9223372036854775807\n"), "");
}

TEST(ExperimentSpec, RefusesWhatCannotTrain) {
  const auto complaint = [](const std::string& text) { return error_of<UsageError>([&] { read(text); }); };
  EXPECT_EQ(complaint(good + "[discriminator]\nnorm = \"batch\"\n[loss.adversarial]\nkind = \"wgan-gp\"\n"),
            "e.toml:9: discriminator.norm = \"batch\" mixes the pictures of a batch, each of which "
            "loss.adversarial.kind = \"wgan-gp\" "
            "judges alone; use another norm, \"layer\" for instance");
  EXPECT_EQ(
      complaint(good + "[discriminator]\nnorm = \"batch\"\n[loss.adversarial]\nkind = \"wgan-gp\"\npenalty = 0\n"), "");
  EXPECT_EQ(complaint(good + "precision = \"tf32\"\n"),
            "e.toml:8: train.precision = \"tf32\" is for GPUs, and train.device is \"cpu\"; use \"fp32\" or \"bf16\"");
  EXPECT_EQ(complaint(good + "[train.generator]\nwarmup = 6\n"),
            "e.toml:9: train.generator.warmup = 6 is longer than the training, train.steps = 5; the learning rate "
            "would never be reached");
  EXPECT_EQ(complaint(good + "[train.discriminator]\nwarmup = 5\n"), "");
  EXPECT_EQ(complaint(good + "[train.discriminator]\nweight_decay = 0.1\n"),
            "e.toml:9: train.discriminator.weight_decay = 0.1: adam has none; \"adamw\" and \"sgd\" have");
}

TEST(ExperimentSpec, RefusesPicturesTooSmallForANetwork) {
  const auto complaint = [](const std::string& text) { return error_of<UsageError>([&] { read(text); }); };
  const auto squeezenet = [](const char* crop) {
    return "[data]\nphotos = \"p\"\nanime = \"a\"\ncrop = " + std::string(crop) +
           "\n[features]\nweights = \"w\"\nnetwork = \"squeezenet1_1\"\n[train]\nsteps = 5\n[loss]\ncontent.layer = "
           "\"fire3\"\n"
           "style.layers = [\"fire4\"]\n[evaluate]\ncontent_layer = \"fire9\"\nstyle_layers = "
           "[\"fire3\"]\npooled_layer = \"fire5\"\n";
  };
  EXPECT_EQ(complaint(squeezenet("16")),
            "e.toml:4: data.crop = 16 is too small for features.network = \"squeezenet1_1\", which takes 24 and more");
  EXPECT_EQ(complaint(squeezenet("24")), "");
  const auto scales = [](const char* crop, const char* norm, const char* batch) {
    return "[data]\nphotos = \"p\"\nanime = \"a\"\ncrop = " + std::string(crop) + "\nbatch = " + batch +
           "\n[features]\nweights = \"w\"\n[train]\nsteps = 5\n[discriminator]\nkind = \"multi-scale\"\nscales = "
           "4\nnorm = \"" +
           norm + "\"\n";
  };
  EXPECT_EQ(
      complaint(scales("24", "batch", "1")),
      "e.toml:12: discriminator.scales = 4 leaves a single pixel of data.crop = 24 to the last discriminator, over "
      "which "
      "discriminator.norm = \"batch\" has no variance; lower discriminator.scales, or raise data.crop or data.batch");
  EXPECT_EQ(complaint(scales("24", "batch", "2")), "");
  EXPECT_EQ(complaint(scales("24", "layer", "1")), "");
  EXPECT_EQ(complaint(scales("40", "batch", "1")), "");
}

TEST(Function, HasItsKnownMinima) {
  const auto value = [](const std::string& text) {
    return evaluate(read("kind = \"function\"\n[function]\n" + text).function);
  };
  EXPECT_EQ(value("name = \"sphere\"\n"), 0);
  EXPECT_EQ(value("name = \"rosenbrock\"\ndimensions = 4\nx1 = 1\nx2 = 1\nx3 = 1\nx4 = 1\n"), 0);
  EXPECT_NEAR(value("name = \"ackley\"\ndimensions = 5\n"), 0, 1e-14);
  EXPECT_NEAR(value("name = \"rastrigin\"\ndimensions = 3\n"), 0, 1e-14);
  EXPECT_NEAR(value("name = \"branin\"\nx1 = 3.14159265\nx2 = 2.275\n"), 0.397887, 1e-6);
}

}  // namespace
}  // namespace atelier
