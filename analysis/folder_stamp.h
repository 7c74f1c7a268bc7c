#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

namespace atelier {

/// What tells whether anything a report shows has changed in folders of runs and sweeps: how many of the files it reads
/// there are, their bytes, and the newest time of writing among them. A claim that is renewed changes nothing.
struct FolderStamp {
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  std::filesystem::file_time_type newest = std::filesystem::file_time_type::min();

  bool operator==(const FolderStamp&) const = default;
};

/// Never throws: folders may change while they are looked at.
FolderStamp folder_stamp(const std::vector<std::filesystem::path>& folders);

}  // namespace atelier
