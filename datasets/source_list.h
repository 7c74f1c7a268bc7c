#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/recipe.h"

namespace atelier {

/// One picture file that a data set is made from.
struct Source {
  std::filesystem::path path;   ///< To open it.
  std::filesystem::path truth;  ///< The file with what it should become; empty without `SetRecipe::truth`.
  std::string name;             ///< As the recipe names it, and images in the set: "starter/photos/lake-03.jpg".
  std::string group;            ///< Sources of one group stay in one split.
};

/// The picture files of a set, sorted by name. Throws `UsageError` when there are none.
///
/// Where the recipe names a folder of true pictures, the one of a picture has the same path there as the picture has in
/// its input folder, up to the extension: with inputs = ["photos"] and truth = "drawn", photos/sea/01.jpg becomes
/// drawn/sea/01.png. An input that is a file itself counts by its name alone. Throws `UsageError` naming a picture that
/// has none there, or several. Pictures there that belong to no input are not used.
std::vector<Source> list_sources(const Recipe& recipe, const SetRecipe& set);

/// Changes when a file is added, removed, renamed or written, true pictures too: a digest of names, sizes and times of
/// change.
std::uint64_t sources_digest(const std::vector<Source>& sources);

}  // namespace atelier
