#include "experiments/evaluation/frechet_distance.h"

#include <cmath>
#include <limits>

namespace atelier {
namespace {

/// A matrix R with R^T R the covariance of the rows: as many rows as there are images or features, whichever is fewer.
at::Tensor covariance_root(const at::Tensor& features) {
  const at::Tensor centered = features - features.mean(0, /*keepdim=*/true);
  const at::Tensor root = centered / std::sqrt(static_cast<double>(features.size(0) - 1));
  if (root.size(0) <= root.size(1)) return root;
  return std::get<1>(at::linalg_qr(root, "r"));  // root = Q R, and Q^T Q = 1
}

}  // namespace

double frechet_distance(const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor a = x.to(at::kDouble), b = y.to(at::kDouble);
  const at::Tensor means = (a.mean(0) - b.mean(0)).square().sum();
  const at::Tensor first = covariance_root(a), second = covariance_root(b);
  const double apart = (means + first.square().sum() + second.square().sum()).item<double>();
  if (!std::isfinite(apart)) return std::numeric_limits<double>::quiet_NaN();  // there are no singular values then
  const at::Tensor shared = at::linalg_svdvals(at::mm(first, second.t())).sum();
  return apart - 2 * shared.item<double>();
}

}  // namespace atelier
