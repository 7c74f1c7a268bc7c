// What a user sees who types something wrong: one line, exit status 2, and nothing is created.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>

#include "framework/data/image_set.h"
#include "framework/images/image_file.h"
#include "framework/records/run_folder.h"
#include "framework/storage/json_lines.h"
#include "tests/command.h"
#include "tests/scratch_folder.h"
#include "tests/test_picture.h"

namespace atelier {
namespace {

using testing::EndsWith;
using testing::HasSubstr;
using testing::StartsWith;

const char* const good_function = "kind = \"function\"\nname = \"f\"\n[function]\nname = \"sphere\"\n";

class CommandLine : public testing::Test {
 protected:
  /// Runs `atelier ARGUMENTS`, expects the complaint, and that the folder holds what it held.
  void expect_refusal(const std::string& arguments, const testing::Matcher<std::string>& complaint) {
    const auto before = entries();
    const CommandResult result = run_command("atelier " + arguments, folder_.path());
    EXPECT_EQ(result.status, 2) << result.output;
    EXPECT_EQ(std::count(result.output.begin(), result.output.end(), '\n'), 1) << result.output;
    EXPECT_THAT(result.output, StartsWith("atelier: "));
    EXPECT_THAT(result.output, complaint);
    EXPECT_EQ(entries(), before) << arguments;
  }
  std::vector<std::string> entries() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_.path()))
      names.push_back(entry.path());
    std::sort(names.begin(), names.end());
    return names;
  }
  void write(const std::string& name, const std::string& text) { write_text(folder_ / name, text); }

  ScratchFolder folder_;
};

TEST_F(CommandLine, UnknownVerbsAndFlags) {
  expect_refusal("trian spec.toml", HasSubstr("there is no verb \"trian\"; did you mean \"train\"?"));
  expect_refusal("train", HasSubstr("SPEC.toml is required"));
  expect_refusal("plan --shwo", HasSubstr("--shwo"));
}

TEST_F(CommandLine, MissingAndBrokenSpecs) {
  expect_refusal("train none.toml", HasSubstr("none.toml: cannot be read (No such file or directory)"));
  write("broken.toml", "name = \n");
  expect_refusal("train broken.toml", HasSubstr("broken.toml:1: not TOML"));
}

TEST_F(CommandLine, SpecsSayFileLineValueAndWhatWouldBeRight) {
  write("key.toml", "\n[loss]\ncontnet = { weight = 1 }\n");
  expect_refusal("train key.toml",
                 HasSubstr("key.toml:3: unknown key \"loss.contnet.weight\"; did you mean \"loss.content.weight\"?"));
  write("type.toml", "[generator]\nwidth = \"wide\"\n");
  expect_refusal("train type.toml",
                 HasSubstr("type.toml:2: generator.width = \"wide\": expected a whole number from 1 to 1024"));
  write("choice.toml", "[generator]\nnorm = \"instence\"\n");
  expect_refusal("train choice.toml", HasSubstr("did you mean \"instance\"?"));
  write("range.toml", "[data]\ncrop = 100\nphotos = \"a\"\nanime = \"b\"\n[features]\nweights = \"random\"\n");
  expect_refusal("train range.toml",
                 HasSubstr("range.toml:2: data.crop = 100: expected a multiple of 8; the nearest are 96 and 104"));
  write("function.toml", good_function);
  expect_refusal("train function.toml --set function.name=spere", HasSubstr("did you mean \"sphere\"?"));
  expect_refusal("train function.toml --set function.name", HasSubstr("expected KEY=VALUE"));
  expect_refusal("train function.toml --set 'name=\"../up\"'", HasSubstr("name = \"../up\": expected letters, digits"));
  expect_refusal("train function.toml --set 'name=\"\"'", HasSubstr("expected letters, digits"));
}

TEST_F(CommandLine, SweepsAreCheckedAgainstTheirExperiment) {
  write("f.toml", good_function);
  const std::string start = "experiment = \"f.toml\"\nsampler = \"grid\"\nminimize = [\"value\"]\n";
  write("key.toml", start + "[space]\n\"function.y1\" = { uniform = [0, 1] }\n");
  expect_refusal("sweep key.toml", HasSubstr("key.toml:5: unknown key \"function.y1\"; did you mean \"function.x1\"?"));
  write("range.toml", start + "[space]\n\"function.x1\" = { uniform = [1, 0] }\n");
  expect_refusal("sweep range.toml", HasSubstr("range.toml:5: function.x1: uniform = [1, 0]: the range is inverted"));
  write("set.toml", start + "[space]\n\"function.x1\" = { uniform = [0, 1] }\n[set]\nfunction.dimension = 2\n");
  expect_refusal("sweep set.toml",
                 HasSubstr("set.toml:7: unknown key \"function.dimension\"; did you mean \"function.dimensions\"?"));
  write("empty.toml", start);
  expect_refusal("sweep empty.toml", HasSubstr("[space] is empty"));
  write("aim.toml", "experiment = \"f.toml\"\nsampler = \"grid\"\n[space]\n\"function.x1\" = { uniform = [0, 1] }\n");
  expect_refusal("sweep aim.toml", HasSubstr("nothing says which trial is better"));
  write("base.toml",
        "experiment = \"none.toml\"\nsampler = \"grid\"\nminimize = [\"value\"]\n[space]\na = { uniform = [0, 1] }\n");
  expect_refusal("sweep base.toml", HasSubstr("base.toml:1: experiment: "));
  const std::string space = "[space]\n\"function.x1\" = { uniform = [0, 1] }\n";
  write("measure.toml", "experiment = \"f.toml\"\nsampler = \"grid\"\nminimize = [\"valeu\"]\n" + space);
  expect_refusal("sweep measure.toml",
                 HasSubstr("measure.toml:3: minimize = \"valeu\": there is no such measure; there are \"value\""));
  write("fixed.toml", start + space);
  expect_refusal("sweep fixed.toml --set function.x1=3",
                 HasSubstr("function.x1 is varied by [space] and cannot be fixed as well"));
  write("step.toml", start + "[space]\n\"function.x1\" = { log = [0.1, 1], step = 0.1 }\n");
  expect_refusal("sweep step.toml", HasSubstr("step goes with uniform and int, not with log"));
}

TEST_F(CommandLine, ReportsAndStatusSayWhatTheyLookedFor) {
  expect_refusal("report nothing", HasSubstr("nothing"));
  expect_refusal("status nothing", HasSubstr("nothing"));
  write("folder/file.txt", "x");
  expect_refusal("report folder", HasSubstr("folder"));
  expect_refusal("inspect folder", HasSubstr("folder"));
  expect_refusal("verify folder", HasSubstr("folder"));
}

TEST_F(CommandLine, PackRefusesBadRecipes) {
  write("r.toml", "name = \"r\"\n[set.photos]\ninputs = [\"none\"]\nsize = 32\n");
  expect_refusal("pack r.toml", HasSubstr("none"));
  write("k.toml", "name = \"r\"\n[set.photos]\ninputs = [\".\"]\nsiez = 32\n");
  expect_refusal("pack k.toml", HasSubstr("k.toml:4"));
}

TEST_F(CommandLine, TruePicturesArePackedShownAndVerified) {
  for (const std::string name : {"photos/one", "photos/two", "drawn/one", "drawn/two"}) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    write_image(folder_ / (name + ".png"), test_picture(32, 32, name.front() + name.back()));
  }
  write("r.toml", "name = \"r\"\n[set.photos]\ninputs = [\"photos\"]\ntruth = \"drawn\"\nsize = 32\nval = 0\n");
  ASSERT_EQ(run_command("atelier pack r.toml --out packed", folder_.path()).status, 0);
  EXPECT_THAT(run_command("atelier inspect packed", folder_.path()).output, HasSubstr("each with its true picture"));
  EXPECT_THAT(run_command("atelier inspect packed --json", folder_.path()).output, HasSubstr("\"truth\": true"));
  EXPECT_EQ(run_command("atelier verify packed", folder_.path()).status, 0);

  const auto file = folder_ / "packed/photos/train-00000-of-00001.h5";
  const ImageSet set = ImageSet::open(folder_ / "packed/photos", "train");
  std::string bytes = read_text(file);
  const auto truth = set.column("truth").pixels(1);
  const std::size_t place = bytes.find(std::string(reinterpret_cast<const char*>(truth.data()), truth.size()));
  ASSERT_NE(place, std::string::npos);
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<std::streamoff>(place)) << '!';
  const CommandResult damaged = run_command("atelier verify packed", folder_.path());
  EXPECT_EQ(damaged.status, 1);
  EXPECT_THAT(damaged.output,
              HasSubstr("train image 1 (photos/two.png#xywh=0,0,32,32) is damaged in its true picture\n"));

  std::filesystem::remove(folder_ / "drawn/two.png");
  expect_refusal("pack r.toml --out again", HasSubstr("set.photos.truth: there is no two.png in"));
}

TEST_F(CommandLine, PairsOfDifferentSizesArePackedShownAndVerified) {
  for (const std::string name : {"one", "two"}) {
    for (const int side : {32, 64}) {
      const auto file = folder_ / (std::to_string(side) + "/" + name + ".png");
      std::filesystem::create_directories(file.parent_path());
      write_image(file, test_picture(side, side, name.front()));
    }
  }
  write("r.toml",
        "name = \"r\"\n[set.pairs]\ninputs = [\"32\"]\nsize = 32\nval = 0.5\n"
        "[set.pairs.column.target]\nfolder = \"64\"\nsize = 64\n");
  ASSERT_EQ(run_command("atelier pack r.toml --out packed", folder_.path()).status, 0);
  EXPECT_THAT(run_command("atelier pack r.toml --out packed", folder_.path()).output, HasSubstr("up to date"));
  EXPECT_THAT(run_command("atelier inspect packed", folder_.path()).output,
              HasSubstr("images     32 x 32 RGB, raw, each with its target, 64 x 64\n"));
  const CommandResult json = run_command("atelier inspect packed --json", folder_.path());
  EXPECT_EQ(Json::parse(json.output).at("columns").at("target"),
            Json({{"height", 64}, {"width", 64}, {"channels", 3}}));
  EXPECT_EQ(run_command("atelier verify packed", folder_.path()).status, 0);
  for (const std::string split : {"train", "val"}) {
    const ImageSet set = ImageSet::open(folder_ / "packed/pairs", split);
    ASSERT_EQ(set.size(), 1);
    const int number = set.source(0)[3];  // 32/one.png or 32/two.png
    EXPECT_THAT(set.column().pixels(0), ::testing::ElementsAreArray(test_picture(32, 32, number).pixels()));
    EXPECT_THAT(set.column("target").pixels(0), ::testing::ElementsAreArray(test_picture(64, 64, number).pixels()));
  }

  const auto file = folder_ / "packed/pairs/val-00000-of-00001.h5";
  const ImageSet set = ImageSet::open(folder_ / "packed/pairs", "val");
  const auto target = set.column("target").pixels(0);
  const std::size_t place =
      read_text(file).find(std::string(reinterpret_cast<const char*>(target.data()), target.size()));
  std::fstream(file, std::ios::in | std::ios::out | std::ios::binary).seekp(static_cast<std::streamoff>(place)) << '!';
  const CommandResult damaged = run_command("atelier verify packed", folder_.path());
  EXPECT_EQ(damaged.status, 1);
  EXPECT_THAT(damaged.output, HasSubstr("is damaged in its target\n"));
}

TEST_F(CommandLine, EveryVerbHelpsWithAnExample) {
  for (const char* verb : {"pack", "inspect", "verify", "train", "sweep", "status", "report", "plan"}) {
    const CommandResult result = run_command(std::string("atelier ") + verb + " --help");
    EXPECT_EQ(result.status, 0);
    EXPECT_THAT(result.output, HasSubstr("Example:\n  ")) << verb;
    EXPECT_THAT(result.output, EndsWith("\n")) << verb;
  }
}

TEST_F(CommandLine, AFunctionIsARunOfItsOwn) {
  write("f.toml", std::string(good_function) + "dimensions = 2\nx1 = 3\nx2 = 4\n");
  EXPECT_EQ(run_command("atelier train f.toml", folder_.path()).status, 0);
  const auto result = RunFolder(folder_ / "runs/f").read_result();
  ASSERT_TRUE(result.has_value());
  EXPECT_EQ(result->values.at("value"), 25);
  expect_refusal("train f.toml --set function.x1=5", HasSubstr("function.x1 is 5.0, was 3.0"));
}

TEST_F(CommandLine, ASweepOfAFunctionRunsEveryTrialOnceOnAnyRanks) {
  write("f.toml", good_function);
  write("s.toml",
        "name = \"s\"\nexperiment = \"f.toml\"\nsampler = \"grid\"\ngrid_points = 5\nminimize = [\"value\"]\n[space]\n"
        "\"function.x1\" = { uniform = [-1, 1] }\n\"function.x2\" = { uniform = [-1, 1] }\n");
  const CommandResult first = run_command("mpirun -n 4 --oversubscribe atelier sweep s.toml", folder_.path());
  EXPECT_EQ(first.status, 0) << first.output;
  EXPECT_THAT(run_command("atelier sweep s.toml", folder_.path()).output,
              HasSubstr("25 of 25 trials have ended (0 ran in this group"));
  const CommandResult status = run_command("atelier status runs/s --json", folder_.path());
  EXPECT_THAT(status.output, HasSubstr("\"finished\": 25"));
  // The centre of the grid is the sphere's minimum.
  EXPECT_EQ(RunFolder(folder_ / "runs/s/trials/000012").read_result()->values.at("value"), 0);
  EXPECT_EQ(run_command("atelier report runs/s", folder_.path()).status, 0);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "runs/s/report.html"));
  EXPECT_THAT(run_command("atelier report runs/s --csv -", folder_.path()).output,
              StartsWith("sweep,trial,state,reason,"));
  EXPECT_THAT(run_command("atelier report runs/s --json -", folder_.path()).output, StartsWith("{\"title\":"));
  EXPECT_EQ(run_command("atelier report runs/s --csv - --json -", folder_.path()).status, 2);
  // The folder's own sweep.toml continues it.
  EXPECT_THAT(run_command("atelier sweep runs/s/sweep.toml --out runs/s", folder_.path()).output,
              HasSubstr("(0 ran in this group"));
}

}  // namespace
}  // namespace atelier
