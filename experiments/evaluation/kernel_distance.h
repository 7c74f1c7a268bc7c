#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// Kernel inception distance: the squared maximum mean discrepancy between the distributions that two sets of features
/// were drawn from, with the kernel k(a, b) = (a . b / d + 1)^3. The estimate is unbiased, whatever the number of
/// images: around 0, and as often below it, when both are one distribution. `x`: n x d, `y`: m x d, one row an image,
/// at least 2 each; computed in double precision. Not a number when a feature is not.
///
/// Source: Binkowski et al., "Demystifying MMD GANs", ICLR 2018, section 4; the estimate is equation 3 of Gretton et
/// al., "A Kernel Two-Sample Test", JMLR 2012. All images are one block; the paper's mean over random blocks estimates
/// the same with more variance.
double kernel_distance(const at::Tensor& x, const at::Tensor& y);

/// The same where row i of `y` was made from row i of `x`, n x d both, as outputs from photos. Such rows are alike,
/// which the estimate above would take for likeness of the distributions and go far below 0; comparing no row with its
/// own leaves it unbiased, and 0 exactly where y is x.
///
/// Source: equation 4 of Gretton et al.
double paired_kernel_distance(const at::Tensor& x, const at::Tensor& y);

}  // namespace atelier
