#include "framework/records/sweep_journal.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/scratch_folder.h"

namespace atelier {
namespace {

std::vector<SweepEvent> read(const std::filesystem::path& folder) {
  std::vector<SweepEvent> events;
  SweepJournalReader(folder).refresh(true,
                                     [&](const std::string&, std::optional<double> time, const SweepEvent& event) {
                                       EXPECT_GT(time.value(), 1.7e9) << "seconds since 1970";
                                       events.push_back(event);
                                     });
  return events;
}

TEST(SweepJournal, EveryEventIsReadBackAsItWasWritten) {
  const ScratchFolder place;
  SweepJournalWriter writer(place.path());
  writer.write(WorkerJoined{.host = "atlas", .pid = 4711, .ranks = 2});
  writer.write(TrialStarted{.generation = 3,
                            .trial = {.number = 12,
                                      .parameters = {{"a.b", 0.1}, {"c", "x"}},
                                      .setting = 6,
                                      .seed = 0,
                                      .parent = 4,
                                      .enqueued = true,
                                      .learned = false}});
  writer.write(TrialRecorded{.trial = 12, .generation = 3, .at = 0.5, .value = std::nan("")});
  writer.write(TrialAgain{.trial = 12, .generation = 3});
  writer.write(TrialEnded{
      .trial = 12,
      .generation = 4,
      .result = {
          .state = TrialState::pruned, .reason = "asha: late", .steps = 9, .seconds = 1.5, .values = {{"v", 2}}}});
  writer.write(WorkerLeft{});
  const std::vector<SweepEvent> events = read(place.path());
  ASSERT_EQ(events.size(), 6u);
  EXPECT_EQ(std::get<WorkerJoined>(events[0]).pid, 4711);
  const TrialStarted& start = std::get<TrialStarted>(events[1]);
  EXPECT_EQ(start.generation, 3);
  EXPECT_EQ(start.trial.number, 12);
  EXPECT_EQ(start.trial.parameters, (Parameters{{"a.b", 0.1}, {"c", "x"}}));
  EXPECT_EQ(start.trial.setting, 6);
  EXPECT_EQ(start.trial.seed, 0);
  EXPECT_EQ(start.trial.parent, 4);
  EXPECT_TRUE(start.trial.enqueued);
  EXPECT_EQ(start.trial.learned, false);
  EXPECT_EQ(std::get<TrialRecorded>(events[2]).at, 0.5);
  EXPECT_TRUE(std::isnan(std::get<TrialRecorded>(events[2]).value));
  EXPECT_EQ(std::get<TrialAgain>(events[3]).trial, 12);
  const TrialEnded& end = std::get<TrialEnded>(events[4]);
  EXPECT_EQ(end.generation, 4);
  EXPECT_EQ(end.result.state, TrialState::pruned);
  EXPECT_EQ(end.result.reason, "asha: late");
  EXPECT_EQ(end.result.steps, 9);
  EXPECT_EQ(end.result.seconds, 1.5);
  EXPECT_EQ(end.result.values.at("v"), 2);
  EXPECT_TRUE(std::holds_alternative<WorkerLeft>(events[5]));
}

TEST(SweepJournal, LinesThatAreNotOursAreLeftOut) {
  const auto read_line = [](const char* line) { return sweep_event_from(Json::parse(line)); };
  for (const char* wrong :
       {R"({"event":"party","trial":1})", R"({"event":"start","trial":"twelve"})", R"({"event":"end","trial":-1})",
        R"({"event":"again","trial":5000000000000})", R"({"event":"report","trial":1,"at":2})", R"({"trial":1})"})
    EXPECT_FALSE(read_line(wrong)) << wrong;
  // By an earlier version.
  const auto start = read_line(R"({"event":"start","trial":3,"generation":1,"asked_for":true,"parameters":{"a":1}})");
  EXPECT_TRUE(std::get<TrialStarted>(*start).trial.enqueued);
}

}  // namespace
}  // namespace atelier
