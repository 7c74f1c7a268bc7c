#pragma once

#include <filesystem>
#include <vector>

namespace atelier {

/// The packed data sets that a folder is or holds, by name: itself, or the folders in it. Itself when there are none,
/// for `Manifest::read` to say what is wrong.
std::vector<std::filesystem::path> set_folders(const std::filesystem::path& folder);

}  // namespace atelier
