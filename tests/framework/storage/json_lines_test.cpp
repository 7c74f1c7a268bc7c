#include "framework/storage/json_lines.h"

#include <gtest/gtest.h>

#include <cmath>

#include "framework/core/error.h"
#include "framework/storage/atomic_file.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

TEST(JsonLines, ReadsBackWhatWasWritten) {
  const ScratchFolder folder;
  {
    JsonLinesWriter writer(folder / "m.jsonl");
    writer.write({{"step", 1}, {"loss", 0.1}});
    writer.write({{"step", 2}, {"loss", json_number(std::nan(""))}});
  }
  const std::vector<Json> records = read_json_lines(folder / "m.jsonl");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0]["loss"], 0.1);
  EXPECT_TRUE(std::isnan(number_in(records[1]["loss"])));
}

TEST(JsonLines, LosesOnlyAnUnfinishedRecord) {
  const ScratchFolder folder;
  write_file(folder / "m.jsonl", "{\"step\":1}\n{\"step\":2}\n{\"step\":3,\"lo");
  std::size_t skipped = 0;
  EXPECT_EQ(read_json_lines(folder / "m.jsonl", &skipped).size(), 2u);
  EXPECT_EQ(skipped, 1u);
  JsonLinesWriter(folder / "m.jsonl").write({{"step", 3}});
  EXPECT_EQ(read_file(folder / "m.jsonl"), "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");
}

TEST(JsonLines, FiltersRecords) {
  const ScratchFolder folder;
  write_file(folder / "m.jsonl", "{\"step\":1}\n{\"step\":2}\n{\"step\":3}\n");
  filter_json_lines(
      folder / "m.jsonl", [](const Json& record) { return record["step"] <= 2; }, [] {});
  EXPECT_EQ(read_file(folder / "m.jsonl"), "{\"step\":1}\n{\"step\":2}\n");
}

TEST(JsonLines, WhoLostTheFileWritesToNobody) {
  const ScratchFolder folder;
  JsonLinesWriter suspended(folder / "m.jsonl");
  suspended.write({{"step", 1}});
  filter_json_lines(
      folder / "m.jsonl", [](const Json&) { return true; }, [] {});
  JsonLinesWriter next(folder / "m.jsonl");
  next.write({{"step", 2}});
  suspended.write({{"step", 2}});
  EXPECT_EQ(read_file(folder / "m.jsonl"), "{\"step\":1}\n{\"step\":2}\n");
}

TEST(JsonLines, WhoLostTheFileDoesNotPutItsOldTextBack) {
  // Suspended after its text is written aside, while another takes over: before its own last look, and after it.
  for (const bool looks_again : {true, false}) {
    const ScratchFolder folder;
    write_file(folder / "m.jsonl", "{\"step\":1}\n");
    int looks = 0;
    const auto all = [](const Json&) { return true; };
    const auto check = [&] {
      if (++looks == 2) {
        filter_json_lines(folder / "m.jsonl", all, [] {});
        JsonLinesWriter(folder / "m.jsonl").write({{"step", 2}});
      }
      if (looks > 2 || (looks == 2 && looks_again)) throw Error("lost");
    };
    EXPECT_THROW(filter_json_lines(folder / "m.jsonl", all, check), Error);
    EXPECT_EQ(read_file(folder / "m.jsonl"), "{\"step\":1}\n{\"step\":2}\n");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  }
}

TEST(JsonLines, SaysWhenTheDiskIsFull) {
  JsonLinesWriter writer("/dev/full");
  EXPECT_THROW(writer.write({{"step", 1}}), Error);
}

}  // namespace
}  // namespace atelier
