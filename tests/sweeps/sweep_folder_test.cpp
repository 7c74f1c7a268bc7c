#include "sweeps/open_sweep.h"

#include <gtest/gtest.h>

#include "framework/storage/atomic_file.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

struct Opened {
  double a = 0;
  SweepSpec spec;
  SearchSpace space;

  explicit Opened(std::int64_t trials, const char* range = "[0, 1]") {
    spec.trials = trials;
    spec.minimize = {"value"};
    spec.experiment = "/e.toml";
    Fields fields;
    fields.real("a", a, {}, "");
    Document document = Document::from_text(std::string("[space]\na = { uniform = ") + range + " }\n", "s.toml", "/");
    space = SearchSpace::from(document.take("space"), fields);
  }
};

TEST(SweepFolder, IsJoinedByTheSameSweepAndByALongerOne) {
  const ScratchFolder place;
  for (const std::int64_t trials : {4, 4, 10}) {
    Opened sweep(trials);
    SweepFolder folder = open_sweep(place / "sweep", sweep.spec, sweep.space, "a = 1\n");
    EXPECT_EQ(folder.trial(12).path(), place / "sweep" / "trials" / "000012");
  }
}

TEST(SweepFolder, GrowsByOtherRangesAndSamplers) {
  const ScratchFolder place;
  Opened first(4), second(4, "[0, 2]");
  second.spec.sampler = "sobol";
  open_sweep(place / "sweep", first.spec, first.space, "a = 1\n");
  open_sweep(place / "sweep", second.spec, second.space, "a = 1\n");
  EXPECT_NE(read_file(place / "sweep" / "sweep.toml").find("uniform = [0.0, 2.0]"), std::string::npos);
}

TEST(SweepFolder, KeepsATrialAsItWasFirstWritten) {
  const ScratchFolder place;
  Opened sweep(4);
  const SweepFolder folder = open_sweep(place / "sweep", sweep.spec, sweep.space, "");
  const TrialFile file{
      .identity = "ab", .parameters = {{"x.y", 2.5}, {"n", 3}, {"s", "a \"b\""}}, .setting = 1, .seed = 4, .parent = 0};
  folder.create_trial(3, file);
  TrialFile other = file;
  other.parameters[0].second = 7.0;
  EXPECT_EQ(folder.create_trial(3, other).parameters, file.parameters);
  const std::optional<TrialFile> read = folder.read_trial(3);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->parameters, file.parameters);
  EXPECT_EQ(read->identity, "ab");
  EXPECT_EQ(read->setting, 1);
  EXPECT_EQ(read->seed, 4);
  EXPECT_EQ(read->parent, 0);
  EXPECT_FALSE(folder.read_trial(4).has_value());
}

TEST(SweepFolder, AnIdentityBelongsToOneTrialUntilThatIsDeleted) {
  const ScratchFolder place;
  Opened sweep(4);
  const SweepFolder folder = open_sweep(place / "sweep", sweep.spec, sweep.space, "");
  folder.create_trial(0, {.identity = "ab"});
  EXPECT_EQ(folder.register_identity("ab", 0), 0);
  EXPECT_EQ(folder.register_identity("ab", 5), 0);
  EXPECT_EQ(folder.register_identity("cd", 5), 5);
  std::filesystem::remove_all(folder.trial(0).path());
  EXPECT_EQ(folder.register_identity("ab", 5), 5);
}

TEST(SweepFolder, RefusesAnotherSweepWithTheDifference) {
  const ScratchFolder place;
  const auto open = [&](Opened sweep, const char* experiment) {
    return error_of<UsageError>([&] { open_sweep(place / "sweep", sweep.spec, sweep.space, experiment); });
  };
  EXPECT_EQ(open(Opened(4), "a = 1\n"), "");
  const std::string start = (place / "sweep").string() + " holds another sweep: ";
  EXPECT_EQ(open(Opened(4), "a = 2\n"), start + "a is 2, was 1; choose another --out, or the old value");
  Opened other(4);
  other.spec.minimize = {"size"};
  EXPECT_EQ(open(other, "a = 1\n"),
            start + "minimize is [\"size\"], was [\"value\"]; choose another --out, or the old value");
  Fields fields;
  double b = 0;
  fields.real("b", b, {}, "");
  Document document = Document::from_text("[space]\nb = { uniform = [0, 1] }\n", "s.toml", "/");
  Opened moved(4);
  moved.space = SearchSpace::from(document.take("space"), fields);
  EXPECT_EQ(open(moved, "a = 1\n"), start + "b was not varied; choose another --out, or the old value");
}

TEST(SweepFolder, TakesNoFolderOfSomethingElse) {
  const ScratchFolder place;
  write_file(place / "letter.txt", "dear");
  Opened sweep(1);
  EXPECT_NE(error_of<UsageError>([&] { open_sweep(place.path(), sweep.spec, sweep.space, ""); }), "");
  EXPECT_FALSE(std::filesystem::exists(place / "trials"));
}

}  // namespace
}  // namespace atelier
