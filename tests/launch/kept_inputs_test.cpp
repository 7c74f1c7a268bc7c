// What an earlier version packed and swept is read, continued and reported.
#include "tests/launch/kept_inputs.h"

#include <gmock/gmock.h>

#include <fstream>

#include "framework/data/image_set.h"
#include "framework/images/image_file.h"

namespace atelier {
namespace {

using testing::HasSubstr;

class KeptSweeps : public KeptInputs {
 protected:
  /// Runs the sweep from its own folder and expects that all have ended, `ran` of them now; that no trial that had
  /// ended otherwise than by pruning changed, and none became another.
  void expect_continues(const std::string& sweep, const std::string& counts) {
    const auto trials = files_of_trials(sweep, "trial.toml"), results = files_of_trials(sweep, "result.toml");
    const CommandResult result = run("atelier sweep " + sweep + "/sweep.toml --out " + sweep);
    EXPECT_EQ(result.status, 0) << result.output;
    EXPECT_THAT(result.output, HasSubstr(counts));
    const auto trials_now = files_of_trials(sweep, "trial.toml"), results_now = files_of_trials(sweep, "result.toml");
    for (const auto& [trial, text] : trials) EXPECT_EQ(trials_now.at(trial), text);
    for (const auto& [trial, text] : results) {
      if (text.find("pruned") == std::string::npos) {
        EXPECT_EQ(results_now.at(trial), text);
      }
    }
    EXPECT_EQ(run("atelier report " + sweep + " --out report.html").status, 0);
    EXPECT_GT(std::filesystem::file_size(folder_ / "report.html"), 1000u);
  }
};

class KeptSets : public KeptInputs {};

TEST_P(KeptSets, AreShownVerifiedAndHoldThePicturesTheyWerePackedFrom) {
  EXPECT_THAT(run("atelier inspect data/photos").output, HasSubstr("32 x 32 RGB, raw, each with its true picture"));
  EXPECT_THAT(run("atelier inspect data/anime").output, HasSubstr("32 x 32 RGB, png, each with smoothed edges too"));
  const CommandResult verified = run("atelier verify data");
  EXPECT_EQ(verified.status, 0);
  EXPECT_THAT(verified.output, HasSubstr("all 4 images are as they were packed"));
  for (const char* name : {"photos", "anime"}) {
    for (const char* split : {"train", "val"}) {
      const ImageSet set = ImageSet::open(folder_ / "data" / name, split);
      ASSERT_EQ(set.size(), 2);
      for (std::int64_t i = 0; i < set.size(); ++i) {
        const std::string source = set.source(i).substr(0, set.source(i).find('#'));
        Image image;
        set.column().read(i, image);
        EXPECT_EQ(image, read_image(folder_ / source));
        if (!set.has(truth_column)) continue;
        set.column(truth_column).read(i, image);
        EXPECT_EQ(image, read_image(folder_ / "pictures/drawn" / std::filesystem::path(source).filename()));
      }
    }
  }
}

TEST_P(KeptSets, PackedAnewFromTheSameRecipeAreTheSame) {
  ASSERT_EQ(run("atelier pack recipe.toml --out again").status, 0);
  const auto lines = [&](const std::string& set) {
    std::ifstream file(folder_ / set / "photos/dataset.toml");
    std::vector<std::string> all;
    for (std::string line; std::getline(file, line);) {
      if (!line.starts_with("made_from")) all.push_back(line);  // Holds the times of the pictures' files.
    }
    return all;
  };
  EXPECT_EQ(lines("again"), lines("data"));  // Digests of raw pixels among them.
}

TEST_P(KeptSweeps, AreShownAsTheyWere) {
  for (const char* sweep : {"finished", "halted", "command", "trainings"}) expect_same_status(sweep);
}

TEST_P(KeptSweeps, ThatHaveEndedRunNothingAgainAndGrow) {
  expect_continues("finished", "(0 ran");
  const std::string sweep = read_text(folder_ / "finished/sweep.toml");
  const std::size_t trials = sweep.find("trials = 4");
  ASSERT_NE(trials, std::string::npos);
  write_text(folder_ / "finished/sweep.toml", std::string(sweep).replace(trials, 10, "trials = 6"));
  expect_continues("finished", "(4 ran");  // Two settings of two seeds.
}

TEST_P(KeptSweeps, ThatWereHaltedGoOn) {
  const auto claims_of_the_killed = folder_ / "halted/trials/000008";
  ASSERT_FALSE(std::filesystem::exists(claims_of_the_killed / "claim-000002.json"));
  expect_continues("halted", "22 of 22 trials have ended");
  EXPECT_TRUE(std::filesystem::exists(claims_of_the_killed / "claim-000002.json"));
  // Two seeds a setting, none twice.
  std::map<std::string, int> settings;
  const Json trials = status("halted").at("trials");
  for (const Json& trial : trials) ++settings[trial.at("parameters").dump()];
  for (const auto& [parameters, seeds] : settings) EXPECT_EQ(seeds, 2) << parameters;
}

TEST_P(KeptSweeps, OfAProgramGoOnAndTryAgainWhatFailed) {
  expect_continues("command", "3 of 3 trials have ended (1 ran");
  EXPECT_EQ(status("command").at("best")[0].at("parameters").at("x"), 1);
  EXPECT_THAT(run("atelier sweep command/sweep.toml --out command --retry-failed").output, HasSubstr("no luck"));
}

INSTANTIATE_TEST_SUITE_P(Versions, KeptSets, testing::ValuesIn(kept_versions));
INSTANTIATE_TEST_SUITE_P(Versions, KeptSweeps, testing::ValuesIn(kept_versions));

}  // namespace
}  // namespace atelier
