#include "sweeps/sweep_folder.h"

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
    SweepFolder folder(place / "sweep", sweep.spec, sweep.space, "a = 1\n");
    EXPECT_EQ(folder.trial(12).path(), place / "sweep" / "trials" / "000012");
  }
}

TEST(SweepFolder, RefusesAnotherSweepWithTheDifference) {
  const ScratchFolder place;
  const auto open = [&](Opened sweep, const char* experiment) {
    return error_of<UsageError>([&] { SweepFolder(place / "sweep", sweep.spec, sweep.space, experiment); });
  };
  EXPECT_EQ(open(Opened(4), "a = 1\n"), "");
  const std::string start = (place / "sweep").string() + " holds another sweep: ";
  EXPECT_EQ(open(Opened(4), "a = 2\n"), start + "a is 2, was 1; choose another --out, or the old value");
  EXPECT_EQ(open(Opened(4, "[0, 2]"), "a = 1\n"),
            start + "space.a.uniform is [0.0, 2.0], was [0.0, 1.0]; choose another --out, or the old value");
}

TEST(SweepFolder, TakesNoFolderOfSomethingElse) {
  const ScratchFolder place;
  write_file(place / "letter.txt", "dear");
  Opened sweep(1);
  EXPECT_NE(error_of<UsageError>([&] { SweepFolder(place.path(), sweep.spec, sweep.space, ""); }), "");
  EXPECT_FALSE(std::filesystem::exists(place / "trials"));
}

}  // namespace
}  // namespace atelier
