#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// Mean structural similarity (SSIM) of pictures, one value each: 1 when they are equal, about 0 when their structure
/// has nothing in common, at least -1. `a`, `b`: N x 3 x H x W, RGB in [0, 1]; returns N values in double precision.
///
/// Means, variances and covariance of the luma (ITU-R BT.601) under an 11 x 11 Gaussian window of deviation 1.5 that
/// sums to 1, at every place where it lies inside the picture; K1 = 0.01, K2 = 0.03. A side of fewer than 11 pixels
/// makes the window as short.
///
/// Source: Wang et al., "Image Quality Assessment: From Error Visibility to Structural Similarity", IEEE Transactions
/// on Image Processing 2004, equation 13.
at::Tensor structural_similarity(const at::Tensor& a, const at::Tensor& b);

}  // namespace atelier
