#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "experiments/losses/loss_term.h"

namespace atelier {

/// Which picture of a data set, and whether mirrored: what a target depends on where the crop is the whole image.
struct Sample {
  std::int64_t image = 0;
  bool flipped = false;
};

/// A rank's part of one batch: N x 3 x crop x crop, RGB in [0, 1].
struct PhotoToAnimeBatch {
  at::Tensor photo, anime, smoothed;  ///< What a step does not use is undefined.
  /// The number of the first sample of all that training draws: what is drawn for it is keyed by it.
  std::int64_t first = 0;
  std::vector<Sample> photo_samples, anime_samples;  ///< What they show; empty for pictures of no data set.

  /// Images [begin, begin + count) of each.
  PhotoToAnimeBatch part(std::int64_t begin, std::int64_t count) const;
};

/// What a step reads of a part of a batch, all of it fetched before the step computes anything.
struct MicroBatch {
  PhotoToAnimeBatch batch;
  double share = 1;                         ///< Of the global batch.
  std::map<std::string, Features> targets;  ///< Of each term of the losses that has some, by its name.
  at::Tensor mix;                           ///< See `LossContext`; undefined where no term needs it.
};
using MicroBatches = std::vector<MicroBatch>;

}  // namespace atelier
