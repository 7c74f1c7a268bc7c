#include "framework/records/trial_file.h"

#include <gtest/gtest.h>

#include "tests/error_of.h"

namespace atelier {
namespace {

std::optional<TrialFile> read(const std::string& text) {
  return trial_file_from(Document::from_text(text, "trial.toml", {}));
}

TEST(TrialFile, IsReadBackAsItWasWritten) {
  const TrialFile trial{.number = 7,
                        .identity = "ab12",
                        .parameters = {{"loss.weight", 0.1}, {"n", 3}, {"s", "a \"b\""}},
                        .setting = 3,
                        .seed = 1,
                        .parent = 5,
                        .enqueued = true,
                        .learned = true};
  const auto back = read(to_toml(trial));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->number, 7);
  EXPECT_EQ(back->identity, "ab12");
  EXPECT_EQ(back->parameters, trial.parameters);
  EXPECT_EQ(back->setting, 3);
  EXPECT_EQ(back->seed, 1);
  EXPECT_EQ(back->parent, 5);
  EXPECT_TRUE(back->enqueued);
  EXPECT_EQ(back->learned, true);
}

TEST(TrialFile, OfAnEarlierVersionIsRead) {
  const auto trial = read("number = 4\nidentity = \"x\"\nasked_for = true\n\n[parameters]\na = 1.5\n");
  ASSERT_TRUE(trial);
  EXPECT_TRUE(trial->enqueued);
  EXPECT_EQ(trial->setting, 4) << "with one seed each trial is a setting";
  EXPECT_FALSE(trial->learned.has_value());
}

TEST(TrialFile, ThatDoesNotSayWhatItIsIsRefused) {
  EXPECT_FALSE(read("")) << "emptied by a crash of the machine";
  EXPECT_EQ(error_of<UsageError>([] { read("identity = \"x\"\n"); }), "trial.toml does not say which trial it is");
  EXPECT_EQ(error_of<UsageError>([] { read("number = 1\nseed = \"one\"\n"); }),
            "trial.toml:2: seed: expected a whole number");
}

}  // namespace
}  // namespace atelier
