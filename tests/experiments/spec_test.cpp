#include "experiments/spec.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "experiments/function/function_spec.h"
#include "experiments/photo_to_anime/spec.h"
#include "tests/error_of.h"

namespace atelier {
namespace {

ExperimentSpec read(const std::string& text) { return ExperimentSpec::from(Document::from_text(text, "e.toml", "/x")); }

const std::string good = "[data]\nphotos = \"p\"\nanime = \"a\"\n[features]\nweights = \"w\"\n[train]\nsteps = 5\n";

TEST(ExperimentSpec, DefaultsAreTheBaseline) {
  const PhotoToAnimeSpec spec = read(good).as<PhotoToAnimeSpec>();
  EXPECT_EQ(spec.generator.width, 64);
  EXPECT_EQ(spec.generator.blocks, 8);
  EXPECT_EQ(spec.generator.norm, "layer");
  EXPECT_EQ(spec.discriminator.width, 32);
  EXPECT_EQ(spec.loss.content.weight, 10);
  EXPECT_EQ(spec.loss.style.weight, 1);
  EXPECT_EQ(spec.pretrain.content_weight, 100);
  EXPECT_EQ(spec.train.generator.schedule.lr, 1e-4);
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

TEST(ExperimentSpec, DataCountsInAnIdentityByItsDigestAndWeightsByTheirPlace) {
  const std::string elsewhere = "[data]\nphotos = \"q\"\nanime = \"b\"\n" + good.substr(good.find("[features]"));
  EXPECT_NE(read(good).identity(), read(elsewhere).identity());
  EXPECT_EQ(read(good).identity("0123"), read(elsewhere).identity("0123"));
  EXPECT_NE(read(good).identity("0123"), read(good).identity("4567"));
  const std::string text = read(good).identity("0123");
  EXPECT_TRUE(text.ends_with("data = 0123\n"));
  EXPECT_NE(text.find("weights = \"/x/w\""), std::string::npos);
}

TEST(ExperimentSpec, SaysWhichKeysASweepCannotVary) {
  const auto fixed = [](const std::string& more, std::string_view key) {
    ExperimentSpec spec = read(good + more);
    return !spec.fields().find(key)->fixed.empty();
  };
  EXPECT_TRUE(fixed("", "train.device"));
  EXPECT_TRUE(fixed("", "evaluate.content_layer"));
  EXPECT_FALSE(fixed("", "loss.content.weight"));
  // What is measured does not depend on the crop of training once evaluate.crop is set.
  EXPECT_TRUE(fixed("", "data.crop"));
  EXPECT_FALSE(fixed("[evaluate]\ncrop = 256\n", "data.crop"));
}

TEST(ExperimentSpec, IsOfTheFirstKindUnlessItNamesAnother) {
  EXPECT_EQ(read(good).kind, "photo-to-anime");
  EXPECT_EQ(read("kind = \"function\"\n").as<FunctionSpec>().name, "sphere");
  EXPECT_EQ(error_of<UsageError>([] { read("kind = \"functon\"\n"); }),
            "e.toml:1: kind = \"functon\": expected \"photo-to-anime\" or \"function\"; did you mean \"function\"?");
}

TEST(ExperimentSpec, ReadsTheKeysOfEarlierVersionsAndLeavesThemOut) {
  const std::string old = good + "[record]\nbest = \"eval.kid\"\nbest_is = \"lowest\"\n";
  ExperimentSpec spec = read(old);
  EXPECT_EQ(spec.as<PhotoToAnimeSpec>().record.best, "eval.kid");
  EXPECT_EQ(spec.fields().to_toml().find("best_is"), std::string::npos);
  EXPECT_EQ(spec.identity(), read(good).identity());
}

TEST(ExperimentSpec, TheBestCheckpointIsChosenByAMeasureOfWhichOneWayIsBetter) {
  const auto complaint = [](const std::string& measure) {
    return error_of<UsageError>([&] { read(good + "[record]\nbest = \"" + measure + "\"\n"); });
  };
  for (const char* measure : {"eval.kid", "eval.ssim", "eval.truth"}) EXPECT_EQ(complaint(measure), "") << measure;
  const std::string there_are =
      "expected \"eval.content\", \"eval.style\", \"eval.ssim\", \"eval.kid\", \"eval.fid\" or \"eval.truth\"";
  EXPECT_EQ(complaint("eval.identity"),
            "e.toml:9: record.best = \"eval.identity\": neither is better of it; " + there_are);
  EXPECT_EQ(complaint("generator.total"), "e.toml:9: record.best = \"generator.total\": " + there_are);
}

TEST(ExperimentSpec, DeclaresItsMeasuresWithItsOwnLimits) {
  const Measures measures = read(good + "[health]\nlead = 0.9\n").own->measures();
  const std::vector<FailureMode> modes = measures.of("health.discriminator_lead").failure_modes;
  ASSERT_EQ(modes.size(), 2u);
  EXPECT_EQ(modes[0].limit, 0.9);
  EXPECT_NEAR(modes[1].limit, 0.1, 1e-15);
  for (const Measure& measure : measures.all()) {
    const auto groups = measure_groups();
    EXPECT_TRUE(std::any_of(groups.begin(), groups.end(), [&](const auto& group) {
      return group.name == measure.group;
    })) << measure.name;
  }
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
    return evaluate(read("kind = \"function\"\n[function]\n" + text).as<FunctionSpec>());
  };
  EXPECT_EQ(value("name = \"sphere\"\n"), 0);
  EXPECT_EQ(value("name = \"rosenbrock\"\ndimensions = 4\nx1 = 1\nx2 = 1\nx3 = 1\nx4 = 1\n"), 0);
  EXPECT_NEAR(value("name = \"ackley\"\ndimensions = 5\n"), 0, 1e-14);
  EXPECT_NEAR(value("name = \"rastrigin\"\ndimensions = 3\n"), 0, 1e-14);
  EXPECT_NEAR(value("name = \"branin\"\nx1 = 3.14159265\nx2 = 2.275\n"), 0.397887, 1e-6);
}

}  // namespace
}  // namespace atelier
