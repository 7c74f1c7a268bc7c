#pragma once

#include <ATen/ATen.h>

#include "framework/data/batch_loader.h"

namespace atelier {

/// The pictures of a column in a device's memory, 8 bits a channel; batches are cut out of them there.
class ResidentImages {
 public:
  /// Reads all of them, whatever their encoding. Throws `Error` for damaged ones.
  ResidentImages(const ImageColumn& column, c10::Device device);

  /// Samples first .. first + count - 1 as `loader`, which must be of the same column, would fill them, to the
  /// bit: N x crop x crop x 3 floats in [0, 1]. Copies nothing from the host.
  at::Tensor cut(const BatchLoader& loader, std::int64_t first, std::int64_t count) const;

  static double gigabytes(const ImageColumn& column) {
    return 1e-9 * static_cast<double>(column.size()) * static_cast<double>(column.layout().pixel_bytes());
  }

 private:
  at::Tensor pixels_;  // N x H x W x 3
  at::Tensor white_;   // 255, where the pixels lie: a GPU divides by a tensor, and multiplies by a number's reciprocal
};

}  // namespace atelier
