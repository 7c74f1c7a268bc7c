#pragma once

#include <ATen/ATen.h>

#include <string>

namespace atelier {

// What shows the failure modes of a training, each as a tensor of one number that has not been read: nothing here waits
// for a device. `FailureMonitor` judges them.

/// `health.output_change`: mean absolute difference of output (as shown: clamped to [0, 1]) and photo, N x 3 x H x W.
at::Tensor output_change(const at::Tensor& output, const at::Tensor& photo);

/// `health.output_spread`: the mean absolute difference between the outputs (as shown) of different photos, over all
/// pairs, divided by that between the photos; 0: every photo gives the same output. N x 3 x H x W, in [0, 1]. 1 when
/// the photos are the same themselves. Throws `Error` for fewer than two.
at::Tensor output_spread(const at::Tensor& outputs, const at::Tensor& photos);

}  // namespace atelier
