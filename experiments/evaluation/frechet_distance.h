#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// Frechet distance (FID) of the normal distributions with the means and covariances of two sets of features:
/// |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2). `x`: n x d, `y`: m x d, one row an image, at least 2 each; the
/// covariances divide by n - 1. Computed in double precision. Not a number when a feature is not.
///
/// It is biased upward by about 1/n: compare values of the same numbers of images only.
///
/// With fewer images than features, as here, the covariances are singular and S1 S2 is not symmetric; its square root
/// is not taken. S = X^T X / (n - 1) with X the features minus their mean, so the nonzero eigenvalues of S1 S2 are
/// those of M M^T, M = X1 X2^T / ((n-1) (m-1))^(1/2), and the trace of the root is the sum of the singular values of M.
///
/// Source: Heusel et al., "GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash Equilibrium", NeurIPS
/// 2017, equation 6 (Dowson and Landau, "The Frechet distance between multivariate normal distributions", 1982).
double frechet_distance(const at::Tensor& x, const at::Tensor& y);

}  // namespace atelier
