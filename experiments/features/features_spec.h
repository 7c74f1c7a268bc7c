#pragma once

#include <filesystem>
#include <string>

#include "framework/config/fields.h"

namespace atelier {

/// The frozen network of content and style: the table `[features]` of a spec.
struct FeaturesSpec {
  std::string network = "vgg19";
  std::filesystem::path weights;
  std::string preprocess = "swapped";
  std::string cache = "auto";  ///< Features of photos and Gram matrices of anime, computed once: "auto" or "off".
  std::string cache_precision = "fp32";
  double cache_gb = 16;  ///< Disk that the cache may take, in GB (1e9 bytes).
};

void describe(Fields& fields, FeaturesSpec& spec);

}  // namespace atelier
