#include "framework/records/metric_record.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "framework/storage/atomic_file.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

struct Read {
  std::vector<MetricRecord> records;
  std::size_t skipped = 0;
};

Read read(const std::string& text) {
  const ScratchFolder scratch;
  write_file(scratch.path() / "metrics.jsonl", text);
  Read result;
  result.skipped = read_metric_records(scratch.path() / "metrics.jsonl",
                                       [&](const MetricRecord& record) { result.records.push_back(record); });
  return result;
}

TEST(MetricRecord, HoldsTheMeasuresOfALine) {
  const Read got = read(R"({"step":20,"epoch":0.5,"time":1.25,"phase":"train","a":-1.5e-3,"b":"nan","c":"-inf"})"
                        "\n");
  ASSERT_EQ(got.records.size(), 1u);
  const MetricRecord& record = got.records[0];
  EXPECT_EQ(record.step, 20);
  EXPECT_EQ(record.epoch, 0.5);
  EXPECT_EQ(record.time, 1.25);
  ASSERT_EQ(record.measures.size(), 3u);
  EXPECT_EQ(record.measures[0], std::pair(std::string("a"), -0.0015));
  EXPECT_TRUE(std::isnan(record.measures[1].second));
  EXPECT_EQ(record.measures[2].second, -std::numeric_limits<double>::infinity());
}

TEST(MetricRecord, LinesOfOtherProgramsAreReadToo) {
  const Read got = read(
      "{ \"step\" : 1 , \"say \\\"hi\\\"\": 2, \"deep\": {\"a\": [1]}, \"ok\": true, \"none\": null, \"x\": 3 "
      "}\r\n{}\n");
  ASSERT_EQ(got.records.size(), 2u);
  ASSERT_EQ(got.records[0].measures.size(), 2u);
  EXPECT_EQ(got.records[0].measures[0].first, "say \"hi\"");
  EXPECT_EQ(got.records[0].measures[1], std::pair(std::string("x"), 3.0));
  EXPECT_TRUE(std::isnan(got.records[1].step));
}

TEST(MetricRecord, WhatIsNoRecordIsCounted) {
  for (const char* line : {"{\"step\":1", "[1,2]", "nonsense", "{\"step\":1}}", "{\"step\":1 2}", "{\"a\":0x10}",
                           "{\"a\":nan}", "{\"a\":-}"}) {
    const Read got = read(std::string("{\"step\":1,\"a\":1}\n") + line + "\n");
    EXPECT_EQ(got.records.size(), 1u) << line;
    EXPECT_EQ(got.skipped, 1u) << line;
  }
}

}  // namespace
}  // namespace atelier
