#include "framework/data/set_folders.h"

#include <algorithm>

#include "framework/data/manifest.h"

namespace atelier {

std::vector<std::filesystem::path> set_folders(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> found;
  if (!std::filesystem::exists(folder / Manifest::file_name)) {
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
      const bool aside = entry.path().filename().string().starts_with('.');
      if (!aside && std::filesystem::exists(entry.path() / Manifest::file_name)) found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  if (found.empty()) found.push_back(folder);
  return found;
}

}  // namespace atelier
