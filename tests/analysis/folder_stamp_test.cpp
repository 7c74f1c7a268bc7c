#include "analysis/folder_stamp.h"

#include <gtest/gtest.h>

#include "tests/analysis/synthetic_sweep.h"

namespace atelier {
namespace {

using testing::ScratchFolder;
using testing::SyntheticSweep;
using testing::write_text;

TEST(FolderStamp, ChangesWithWhatAReportShows) {
  const ScratchFolder scratch;
  SyntheticSweep sweep(scratch.path() / "sweep");
  const auto trial = sweep.add_finished(0, 1, "0.5");
  FolderStamp last = folder_stamp({sweep.folder()});
  EXPECT_EQ(folder_stamp({sweep.folder()}), last);
  const auto changes_with = [&](const std::filesystem::path& file) {
    write_text(file, "something");
    const FolderStamp now = folder_stamp({sweep.folder()});
    const bool changed = now != last;
    last = now;
    return changed;
  };
  EXPECT_TRUE(changes_with(trial / "metrics.jsonl"));
  EXPECT_TRUE(changes_with(trial / "samples" / "00000015" / "00.png"));
  EXPECT_TRUE(changes_with(sweep.trial(1) / "trial.toml"));
  EXPECT_TRUE(changes_with(sweep.folder() / "journal" / "w.jsonl"));
  EXPECT_FALSE(changes_with(trial / "claim-000001.json"));  // Renewed every few seconds.
  EXPECT_FALSE(changes_with(sweep.folder() / "report.html"));
}

}  // namespace
}  // namespace atelier
