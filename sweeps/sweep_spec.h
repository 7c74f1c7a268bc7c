#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "framework/config/document.h"
#include "framework/config/fields.h"

namespace atelier {

/// A sweep as its file says it, without the search space.
struct SweepSpec {
  std::string name = "sweep";
  std::filesystem::path experiment;  ///< The experiment that all trials start from.
  std::int64_t trials = 0;           ///< How many; 0: all of a grid.
  std::string sampler = "random";
  std::int64_t seed = 0;             ///< Of the sampler.
  std::int64_t grid_points = 5;      ///< Values that a grid takes of a continuous range.
  std::vector<std::string> minimize, maximize;
  struct Trial {
    std::int64_t ranks = 1;  ///< Ranks that work on one trial together.
  } trial;

  Fields fields();
  /// The document without [space] and [set]. Throws `UsageError`.
  static SweepSpec from(const Document& document);
};

}  // namespace atelier
