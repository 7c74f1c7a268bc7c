#pragma once

#include <memory>

#include "experiments/photo_to_anime/spec.h"
#include "framework/data/image_set.h"

namespace atelier {

/// The images of an experiment, opened once and shared by all its trials: mapped files, read by any thread.
struct PhotoToAnimeData {
  ImageSet photos, photos_val, anime, anime_val;

  /// Throws `UsageError` when a data set is missing or damaged.
  static PhotoToAnimeData open(const DataSpec& spec);

  /// Throws `UsageError` when the images are smaller than the crop, or smoothed ones are needed and missing.
  void check(const DataSpec& spec, const LossSpec& loss) const;

  /// Of all images, as sixteen hexadecimal digits: equal for equal pictures, wherever they lie.
  std::string digest() const;
};

}  // namespace atelier
