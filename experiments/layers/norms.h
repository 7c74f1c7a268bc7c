#pragma once

#include <cstdint>
#include <string_view>

#include "framework/config/catalog.h"

namespace atelier {

/// What is known of a norm without computing it. `norms.def` holds one line a norm.
struct NormEntry {
  std::string_view name, summary;
  std::int64_t (*parameters)(std::int64_t channels);     ///< Trained numbers.
  std::int64_t (*multiply_adds)(std::int64_t channels);  ///< Of the convolutions inside it, for one pixel.
  std::int64_t kept = 0;      ///< Tensors of its input's size that it keeps until backward, besides its input.
  bool mixes_images = false;  ///< While training, what comes out for one image depends on the others of the batch.
};
const Catalog<NormEntry>& norms();

}  // namespace atelier
