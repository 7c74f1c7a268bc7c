#include "sweeps/sweep_state.h"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/scratch_folder.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

struct Place {
  ScratchFolder scratch;
  SweepFolder folder = SweepFolder(scratch.path());
  SweepSpec spec;
  Place() { spec.minimize = {"value"}; }

  void begin(std::int64_t number, double a, std::int64_t setting = -1) const {
    folder.create_trial(number, {.identity = "x",
                                 .parameters = {{"a", a}},
                                 .setting = setting < 0 ? number : setting,
                                 .seed = setting < 0 ? std::nullopt : std::optional(number)});
  }
  void end(std::int64_t number, double value, TrialState state = TrialState::finished) const {
    folder.trial(number).create_result({.state = state, .seconds = 2, .values = {{"value", value}}}, false);
  }
  void tell(const std::string& worker, const Json& line) const {
    fs::create_directories(folder.journal());
    JsonLinesWriter(folder.journal() / (worker + ".jsonl")).write(line);
  }
};

TEST(SweepState, FindsInTheFolderWhatNoJournalTells) {
  const Place place;
  place.begin(0, 1.5);
  place.end(0, 7);
  place.begin(1, 2.5);
  const Objectives objectives(place.spec);
  SweepState state(place.folder, objectives, 1);
  state.look();
  EXPECT_EQ(state.count(TrialState::finished), 1);
  EXPECT_EQ(state.open(), (std::set<std::int64_t>{1}));
  EXPECT_EQ(state.next_number(), 2);
  EXPECT_EQ(state.mean_seconds(), 2);
  ASSERT_EQ(state.history().trials.size(), 2u);
  EXPECT_EQ(state.history().trials[0].values, std::vector<double>{7});
  EXPECT_EQ(state.setting_with({{"a", 2.5}}), 1);
}

TEST(SweepState, ReadsOnlyWhatIsNewAndWaitsForTheEndOfALine) {
  const Place place;
  place.begin(0, 1);
  const Objectives objectives(place.spec);
  SweepState state(place.folder, objectives, 1);
  place.tell("one", {{"event", "start"}, {"trial", 0}, {"generation", 1}, {"parameters", {{"a", 1.0}}}});
  state.look();
  EXPECT_EQ(state.find(0)->state, TrialState::running);
  const std::string line =
      R"({"event":"end","trial":0,"generation":1,"state":"finished","seconds":1,"values":{"value":3}})";
  std::ofstream(place.folder.journal() / "one.jsonl", std::ios::app) << line.substr(0, 30);
  state.refresh();
  EXPECT_EQ(state.find(0)->state, TrialState::running);
  std::ofstream(place.folder.journal() / "one.jsonl", std::ios::app) << line.substr(30) << "\n";
  state.refresh();
  EXPECT_EQ(state.find(0)->state, TrialState::finished);
}

TEST(SweepState, TheLaterClaimCountsWhateverOrderJournalsAreReadIn) {
  const Place place;
  place.begin(0, 1);
  // "a" is read first, and went on with the trial after "b" had pruned it.
  place.tell("a", {{"event", "start"}, {"trial", 0}, {"generation", 2}});
  place.tell("b", {{"event", "start"}, {"trial", 0}, {"generation", 1}});
  place.tell("b", {{"event", "end"}, {"trial", 0}, {"generation", 1}, {"state", "pruned"}, {"values", {{"value", 9}}}});
  const Objectives objectives(place.spec);
  SweepState state(place.folder, objectives, 1);
  state.look();
  EXPECT_EQ(state.find(0)->state, TrialState::running);
}

TEST(SweepState, ForgetsATrialWhoseFolderWasDeleted) {
  const Place place;
  for (int i = 0; i < 3; ++i) {
    place.begin(i, i);
    place.end(i, i);
  }
  const Objectives objectives(place.spec);
  SweepState state(place.folder, objectives, 1);
  state.look();
  fs::remove_all(place.folder.trial(1).path());
  state.look();
  EXPECT_EQ(state.count(TrialState::finished), 2);
  EXPECT_EQ(state.first_unknown(), 1);
  EXPECT_FALSE(state.setting_with({{"a", 1.0}}));
}

TEST(SweepState, AnEmptyResultIsNone) {
  const Place place;
  place.begin(0, 1);
  std::ofstream(place.folder.trial(0).result()) << "";
  const Objectives objectives(place.spec);
  SweepState state(place.folder, objectives, 1);
  state.look();
  EXPECT_EQ(state.open(), (std::set<std::int64_t>{0}));
}

TEST(SweepState, SeveralSeedsAreOneSettingWithTheirMean) {
  Place place;
  for (int k = 0; k < 3; ++k) {
    place.begin(3 + k, 0.5, 1);
    place.end(3 + k, 1 + k);
  }
  const Objectives objectives(place.spec);
  SweepState state(place.folder, objectives, 3);
  state.look();
  ASSERT_EQ(state.history().trials.size(), 1u);
  EXPECT_EQ(state.history().trials[0].number, 1);
  EXPECT_EQ(state.history().trials[0].values, std::vector<double>{2});
}

}  // namespace
}  // namespace atelier
