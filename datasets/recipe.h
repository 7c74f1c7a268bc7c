#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/document.h"
#include "framework/data/set_layout.h"

namespace atelier {

/// A column whose pictures lie in a folder of their own, by the names of the inputs; see `list_sources`.
struct PairedColumn {
  std::string name;       ///< Of the column: "target".
  std::string folder;     ///< Relative to the recipe.
  std::int64_t size = 0;  ///< Side of the packed pictures, pixels; 0 until the recipe is read: that of the images.
};

/// How one packed data set is made.
struct SetRecipe {
  std::string name;                 ///< Of its folder: "photos".
  std::vector<std::string> inputs;  ///< Folders (pictures found in them and below) or files, relative to the recipe.
  std::int64_t size = 256;          ///< Side of the packed images, pixels.
  std::string cut = "none";         ///< "none", "center", "random" or "areas"; see `cut_boxes`.
  std::int64_t per_image = 1;       ///< Boxes a picture, for cut = "random".
  double scale = 1;                 ///< Of the pictures before boxes are cut, for "random" and "areas".
  std::string truth;  ///< Folder with the true pictures of the inputs: the column "truth", of the images' size.
  std::vector<PairedColumn> columns;  ///< Further ones, by name, each with a size of its own.
  bool smooth = false;                ///< Packs each image a second time, with smoothed edges: the column "smoothed".
  double val = 0.2;                   ///< Share of the pictures held out for validation, whole groups; 0: none.
  std::string group = "file";    ///< "file", or "name": x-01.jpg and x-02.jpg are of one source and stay in one split.
  std::string encoding = "raw";  ///< "raw", "jpeg" or "png".
  std::int64_t quality = 92;     ///< Of JPEG, 1 to 100.
  std::int64_t shards = 1;       ///< Files for training; validation is always one.

  std::int64_t images_per_source() const { return cut == "random" ? per_image : cut == "areas" ? 6 : 1; }
  std::vector<PairedColumn> pairs() const;  ///< `columns`, and `truth` where there is one.
  SetLayout layout() const;                 ///< What the packed set holds.
};

/// What `atelier pack` reads: one or several data sets.
struct Recipe {
  std::string name;
  std::int64_t seed = 0;  ///< Of random boxes and of the choice of validation pictures.
  std::vector<SetRecipe> sets;
  std::filesystem::path folder;  ///< What `inputs` are relative to.

  /// Throws `UsageError` (file, line, the bad value, the nearest right one), for missing inputs too.
  static Recipe from(Document document);

  /// The part that makes one set, every key that it uses, as TOML: inside a table of this name, or in none.
  std::string to_toml(const SetRecipe& set, std::string_view table = "") const;
};

}  // namespace atelier
