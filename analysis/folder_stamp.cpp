#include "analysis/folder_stamp.h"

#include <algorithm>
#include <system_error>

namespace atelier {
namespace {

namespace fs = std::filesystem;

void add_files(FolderStamp& stamp, const fs::path& folder) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const fs::path kind = entry.path().extension();
    if (kind != ".toml" && kind != ".jsonl" && kind != ".png") continue;
    std::error_code gone;
    const std::uint64_t size = entry.file_size(gone);
    const fs::file_time_type written = entry.last_write_time(gone);
    if (gone) continue;
    ++stamp.files;
    stamp.bytes += size;
    stamp.newest = std::max(stamp.newest, written);
  }
}

void add_run(FolderStamp& stamp, const fs::path& run) {
  add_files(stamp, run);
  std::error_code ignored;
  for (const fs::directory_entry& step : fs::directory_iterator(run / "samples", ignored)) add_files(stamp, step.path());
}

}  // namespace

FolderStamp folder_stamp(const std::vector<fs::path>& folders) {
  FolderStamp stamp;
  for (const fs::path& folder : folders) {
    add_run(stamp, folder);
    add_files(stamp, folder / "journal");
    std::error_code ignored;
    for (const fs::directory_entry& trial : fs::directory_iterator(folder / "trials", ignored)) add_run(stamp, trial.path());
  }
  return stamp;
}

}  // namespace atelier
