#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "datasets/recipe.h"

namespace atelier {

/// One picture file that a data set is made from.
struct Source {
  std::filesystem::path path;  ///< To open it.
  std::string name;            ///< As the recipe names it, and images in the set: "starter/photos/lake-03.jpg".
  std::string group;           ///< Sources of one group stay in one split.
};

/// The picture files of a set, sorted by name. Throws `UsageError` when there are none.
std::vector<Source> list_sources(const Recipe& recipe, const SetRecipe& set);

/// Changes when a file is added, removed, renamed or written: a digest of names, sizes and times of change.
std::uint64_t sources_digest(const std::vector<Source>& sources);

}  // namespace atelier
