#include "sweeps/trial_records.h"

#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "framework/storage/json_lines.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

/// What each record has spent of the resource.
std::vector<double> spent(const TrialRecords& records) {
  std::vector<double> spent;
  for (const Record& record : records.all()) spent.push_back(record.at);
  return spent;
}

TEST(TrialRecords, CountTheSameResourceLiveAndReadBack) {
  const ScratchFolder place;
  const MetricRecord made[] = {{.step = 50, .epoch = 0.5, .time = 3.5, .measures = {{"loss", 4}}},
                               {.step = 100, .epoch = 1, .time = 7, .measures = {{"loss", 3}}},
                               {.step = 100, .epoch = 1, .time = 9, .measures = {{"eval.kid", 2}}}};
  {
    JsonLinesWriter file(place / "metrics.jsonl");
    for (const MetricRecord& record : made) {
      file.write({{"step", record.step},
                  {"epoch", record.epoch},
                  {"time", record.time},
                  {"phase", "train"},
                  {record.measures[0].first, record.measures[0].second}});
    }
  }
  const std::pair<Resource, std::vector<double>> expected[] = {
      {Resource::step, {50, 100}}, {Resource::epoch, {0.5, 1}}, {Resource::time, {3.5, 9}}};
  for (const auto& [resource, at] : expected) {
    TrialRecords live(resource), back(resource);
    for (const MetricRecord& record : made) live.add(record);
    back.read(place / "metrics.jsonl");
    EXPECT_EQ(spent(live), at) << to_text(resource);
    EXPECT_EQ(spent(back), at) << to_text(resource);
    EXPECT_EQ(back.all()[1].measures, (std::map<std::string, double>{{"loss", 3}, {"eval.kid", 2}}));
    EXPECT_EQ(live.all()[1].measures, back.all()[1].measures);
  }
}

TEST(TrialRecords, WhatIsRecordedAgainAfterAResumeReplacesWhatWas) {
  TrialRecords records(Resource::step);
  for (const double step : {1, 2, 3, 2}) records.add({.step = step, .measures = {{"loss", 10 * step}}});
  EXPECT_EQ(spent(records), (std::vector<double>{1, 2}));
}

TEST(TrialRecords, ARecordWithoutTheResourceIsAnErrorAndNotCountedInSteps) {
  TrialRecords records(Resource::epoch);
  EXPECT_EQ(error_of<Error>([&] {
              records.add({.step = 3, .measures = {{"loss", 1}}});
            }),
            "prune.resource is \"epoch\", and the record of step 3 does not say its epoch");
}

}  // namespace
}  // namespace atelier
