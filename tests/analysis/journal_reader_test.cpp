#include "analysis/journal_reader.h"

#include <gtest/gtest.h>

#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using testing::ScratchFolder;
using testing::write_text;

TEST(JournalReader, SaysWhoWorkedOnWhatWhen) {
  const ScratchFolder scratch;
  write_text(scratch.path() / "journal" / "atlas-4711.jsonl",
             R"({"event":"worker","host":"atlas","pid":4711,"ranks":2,"time":"2030-01-31T08:00:00.000Z"}
{"event":"start","trial":12,"time":"2030-01-31T08:00:01.500Z"}
{"event":"end","trial":12,"state":"finished","time":"2030-01-31T08:00:04.000Z","seconds":2.5}
{"event":"start","trial":13,"time":"2030-01-31T08:00:04.250Z"}
{"event":"leave","time":"2030-01-31T08:00:05.000Z"}
)");
  const std::vector<WorkerRecord> workers = read_journal(scratch.path());
  ASSERT_EQ(workers.size(), 1u);
  EXPECT_EQ(workers[0].name, "atlas-4711");
  EXPECT_EQ(workers[0].host, "atlas");
  EXPECT_EQ(workers[0].ranks, 2);
  EXPECT_TRUE(workers[0].left);
  EXPECT_EQ(workers[0].last - workers[0].begin, 5.0);
  ASSERT_EQ(workers[0].work.size(), 2u);
  EXPECT_EQ(workers[0].work[0].trial, 12);
  EXPECT_EQ(*workers[0].work[0].end - workers[0].work[0].begin, 2.5);
  EXPECT_EQ(workers[0].work[0].state, TrialState::finished);
  EXPECT_EQ(workers[0].work[1].state, std::nullopt);  // It left in the middle of it.
  EXPECT_EQ(workers[0].work[1].end, workers[0].last);
}

TEST(JournalReader, AKilledWorkersTrialHasNoEnd) {
  const ScratchFolder scratch;
  write_text(scratch.path() / "journal" / "a.jsonl",
             R"({"event":"worker","host":"a","time":"2030-01-31T08:00:00Z"}
{"event":"start","trial":0,"time":"2030-01-31T08:00:01Z"}
{"event":"end","trial":0,"sta)");
  const std::vector<WorkerRecord> workers = read_journal(scratch.path());
  ASSERT_EQ(workers.size(), 1u);
  EXPECT_FALSE(workers[0].left);
  EXPECT_FALSE(workers[0].work.at(0).end.has_value());
}

TEST(JournalReader, WhatItDoesNotUnderstandIsPassedOver) {
  const ScratchFolder scratch;
  EXPECT_TRUE(read_journal(scratch.path()).empty());
  write_text(scratch.path() / "journal" / "empty.jsonl", "");
  write_text(scratch.path() / "journal" / "notes.txt", "x");
  write_text(scratch.path() / "journal" / "b.jsonl",
             R"(no json
{"event":"start","trial":"twelve","time":"2030-01-31T08:00:00Z"}
{"event":"start","trial":4,"time":"yesterday"}
{"event":"party","time":"2030-01-31T08:00:00Z"}
{"event":"end","trial":9,"state":"finished","time":"2030-01-31T08:00:02Z"}
[1, 2]
)");
  const std::vector<WorkerRecord> workers = read_journal(scratch.path());
  ASSERT_EQ(workers.size(), 1u);
  EXPECT_TRUE(workers[0].work.empty());
}

}  // namespace
}  // namespace atelier
