#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "framework/data/set_layout.h"

namespace atelier {

/// The `dataset.toml` of a packed data set: what it holds, and what it was made from.
struct Manifest {
  static constexpr const char* file_name = "dataset.toml";
  static constexpr const char* format_name = "atelier-dataset";
  static constexpr std::int64_t format_version = 1;

  struct Split {
    std::int64_t images = 0;
    std::int64_t shards = 1;
    std::string digest;  ///< `set_digest` of the split, 16 hexadecimal digits.
  };

  std::string name;  ///< The recipe's name and the set's, "starter/photos".
  SetLayout layout;
  std::string made_from;                ///< Digest of the resolved recipe and the list of source files.
  std::map<std::string, Split> splits;  ///< "train" and, unless nothing was held out, "val".

  /// Throws `UsageError`: the folder is missing, not a packed data set, or its manifest is damaged.
  static Manifest read(const std::filesystem::path& folder);

  /// `recipe` is the set's part of the recipe, resolved, as a TOML table [recipe]: for people, `read` skips it.
  std::string to_toml(const std::string& recipe) const;
};

}  // namespace atelier
