#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "framework/config/document.h"

namespace atelier {

/// How one packed data set is made.
struct SetRecipe {
  std::string name;                 ///< Of its folder: "photos".
  std::vector<std::string> inputs;  ///< Folders (pictures found in them and below) or files, relative to the recipe.
  std::int64_t size = 256;          ///< Side of the packed images, pixels.
  std::string cut = "none";         ///< "none", "center", "random" or "areas"; see `cut_boxes`.
  std::int64_t per_image = 1;       ///< Boxes a picture, for cut = "random".
  double scale = 1;                 ///< Of the pictures before boxes are cut, for "random" and "areas".
  std::string truth;             ///< Folder with the true pictures of the inputs, by their names; see `list_sources`.
  bool smooth = false;           ///< Packs each image a second time, with smoothed edges.
  double val = 0.2;              ///< Share of the pictures held out for validation, whole groups; 0: none.
  std::string group = "file";    ///< "file", or "name": x-01.jpg and x-02.jpg are of one source and stay in one split.
  std::string encoding = "raw";  ///< "raw", "jpeg" or "png".
  std::int64_t quality = 92;     ///< Of JPEG, 1 to 100.
  std::int64_t shards = 1;       ///< Files for training; validation is always one.

  std::int64_t images_per_source() const { return cut == "random" ? per_image : cut == "areas" ? 6 : 1; }
};

/// What `atelier pack` reads: one or several data sets.
struct Recipe {
  std::string name;
  std::int64_t seed = 0;  ///< Of random boxes and of the choice of validation pictures.
  std::vector<SetRecipe> sets;
  std::filesystem::path folder;  ///< What `inputs` are relative to.

  /// Throws `UsageError` (file, line, the bad value, the nearest right one), for missing inputs too.
  static Recipe from(Document document);

  /// The part that makes one set, every key that it uses, as TOML without a table.
  std::string to_toml(const SetRecipe& set) const;
};

}  // namespace atelier
