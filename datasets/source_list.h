#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/recipe.h"

namespace atelier {

/// One picture file that a data set is made from.
struct Source {
  std::filesystem::path path;                ///< To open it.
  std::vector<std::filesystem::path> pairs;  ///< The files that belong to it, one for each of `SetRecipe::pairs`.
  std::string name;   ///< As the recipe names it, and images in the set: "starter/photos/lake-03.jpg".
  std::string group;  ///< Sources of one group stay in one split.
};

/// The picture files of a set, sorted by name. Throws `UsageError` when there are none.
///
/// In the folder of a paired column, the picture of an input has the same path as the input has in its own folder, up
/// to the extension: with inputs = ["photos"] and truth = "drawn", photos/sea/01.jpg belongs to drawn/sea/01.png. An
/// input that is a file itself counts by its name alone. Throws `UsageError` naming a picture that has none there, or
/// several. Pictures there that belong to no input are not used.
std::vector<Source> list_sources(const Recipe& recipe, const SetRecipe& set);

/// Changes when a file is added, removed, renamed or written, paired pictures too: a digest of names, sizes and times
/// of change.
std::uint64_t sources_digest(const std::vector<Source>& sources);

}  // namespace atelier
