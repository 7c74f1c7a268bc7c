// A third kind of experiment, which nothing but its own folder and the tables know, can all that the others can.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "datasets/pack.h"
#include "framework/images/image_file.h"
#include "framework/images/resize.h"
#include "framework/records/run_folder.h"
#include "framework/storage/json_lines.h"
#include "framework/storage/safetensors.h"
#include "tests/command.h"
#include "tests/scratch_folder.h"
#include "tests/test_picture.h"

namespace atelier {
namespace {

using testing::HasSubstr;

class PairTranslation : public testing::Test {
 protected:
  /// The target of each picture is its negative, twice as large.
  PairTranslation() {
    for (int i = 0; i < 7; ++i) {
      Image target = test_picture(48, 48, i);
      write("inputs", i, resize(target, 24, 24));
      for (std::uint8_t& value : target.pixels()) value = static_cast<std::uint8_t>(255 - value);
      write("targets", i, target);
    }
    write_text(folder_ / "recipe.toml",
               "name = \"data\"\n[set.pairs]\ninputs = [\"inputs\"]\nsize = 24\nval = 0.3\n"
               "[set.pairs.column.target]\nfolder = \"targets\"\nsize = 48\n");
    const auto alone = make_serial_communicator();
    pack(Recipe::from(Document::from_file(folder_ / "recipe.toml")), folder_ / "data", *alone, {});
    write_text(folder_ / "pairs.toml", R"(name = "pairs"
kind = "pair-translation"
[data]
pairs = "data/pairs"
[generator]
width = 4
blocks = 1
[train]
steps = 30
[optimizer]
lr = 0.003
[record]
metrics_every = 1
checkpoint_every = 7
samples = 2
)");
  }

  void write(const char* part, int number, const Image& picture) {
    std::filesystem::create_directories(folder_ / part);
    write_image(folder_ / part / ("picture" + std::to_string(number) + ".png"), picture);
  }
  CommandResult engine(const std::string& arguments) {
    return run_command(ATELIER_PAIR_ENGINE " " + arguments, folder_.path());
  }
  CommandResult atelier(const std::string& arguments) { return run_command("atelier " + arguments, folder_.path()); }
  std::string final_file(const std::string& out, const char* name) {
    const RunFolder run(folder_ / out);
    return read_text(run.checkpoint(run.newest_checkpoint().value_or(-1)) / name);
  }

  ScratchFolder folder_;
};

TEST_F(PairTranslation, TrainsAndIsMeasured) {
  const CommandResult trained = engine("train pairs.toml --out run");
  ASSERT_EQ(trained.status, 0) << trained.output;
  const RunFolder run(folder_ / "run");
  const std::vector<Json> records = read_json_lines(run.metrics());
  EXPECT_LT(number_in(records.at(29).at("generator.l1")), 0.7 * number_in(records.at(0).at("generator.l1")));
  EXPECT_GT(run.read_result()->values.at("eval.l1"), 0);
  EXPECT_TRUE(std::filesystem::exists(run.samples(30) / "00.png"));
  const std::string provenance = read_text(run.provenance());
  EXPECT_THAT(provenance, HasSubstr("data_digest = "));
}

TEST_F(PairTranslation, GoesOnToTheSameBits) {
  ASSERT_EQ(engine("train pairs.toml --out whole").status, 0);
  ASSERT_EQ(engine("train pairs.toml --set train.steps=11 --out parts").status, 0);
  const CommandResult resumed = engine("train pairs.toml --out parts");
  ASSERT_EQ(resumed.status, 0) << resumed.output;
  EXPECT_THAT(resumed.output, HasSubstr("going on at step 11 of 30"));
  EXPECT_EQ(final_file("parts", "model.safetensors"), final_file("whole", "model.safetensors"));
}

TEST_F(PairTranslation, IsHeldToItsSpecAndItsData) {
  ASSERT_EQ(engine("train pairs.toml --set train.steps=2 --out run").status, 0);
  EXPECT_THAT(engine("train pairs.toml --set train.steps=2 --set optimizer.lr=0.1 --out run").output,
              HasSubstr("optimizer.lr is 0.1, was 0.003"));
  EXPECT_THAT(engine("train pairs.toml --set data.batch=3 --set train.step=2 --out other").output,
              HasSubstr("did you mean \"train.steps\"?"));
  // The same pictures elsewhere are the same run; others are not.
  std::filesystem::rename(folder_ / "data/pairs", folder_ / "moved");
  const CommandResult moved = engine("train pairs.toml --set data.pairs=moved --set train.steps=4 --out run");
  EXPECT_EQ(moved.status, 0) << moved.output;
  EXPECT_THAT(atelier("plan pairs.toml").output, HasSubstr("kind = \"pair-translation\": expected"));
}

TEST_F(PairTranslation, SweepsAndReports) {
  write_text(folder_ / "sweep.toml",
             "name = \"widths\"\nexperiment = \"pairs.toml\"\nsampler = \"grid\"\nminimize = [\"eval.l1\"]\n[set]\n"
             "train.steps = 3\n[space]\n\"generator.width\" = { choice = [4, 8] }\n");
  const CommandResult swept = engine("sweep sweep.toml --out sweep");
  ASSERT_EQ(swept.status, 0) << swept.output;
  EXPECT_THAT(swept.output, HasSubstr("2 of 2 trials have ended"));
  // Again there is nothing to do.
  EXPECT_THAT(engine("sweep sweep.toml --out sweep").output, HasSubstr("(0 ran in this group"));
  EXPECT_THAT(atelier("status sweep").output, HasSubstr("eval.l1"));
  const CommandResult reported = atelier("report sweep");
  EXPECT_EQ(reported.status, 0) << reported.output;
  EXPECT_THAT(read_text(folder_ / "sweep/report.html"), HasSubstr("generator.width"));
}

TEST_F(PairTranslation, TwoRanksShareEachBatch) {
  const CommandResult one = engine("train pairs.toml --set train.steps=2 --out one");
  const CommandResult two =
      run_command("mpirun -n 2 --oversubscribe " ATELIER_PAIR_ENGINE " train pairs.toml --set train.steps=2 --out two",
                  folder_.path());
  ASSERT_EQ(two.status, 0) << two.output;
  const auto first_loss = [&](const char* out) {
    return number_in(read_json_lines(RunFolder(folder_ / out).metrics()).at(0).at("generator.l1"));
  };
  EXPECT_NEAR(first_loss("one"), first_loss("two"), 1e-6);
}

}  // namespace
}  // namespace atelier
