#include "experiments/evaluation/kernel_distance.h"

namespace atelier {
namespace {

at::Tensor kernel(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor base = at::mm(a, b.t()) / static_cast<double>(a.size(1)) + 1;
  return base * base * base;
}

/// Mean of k over all pairs of different images: an image with itself would bias the estimate.
at::Tensor mean_within(const at::Tensor& a) {
  const at::Tensor values = kernel(a, a);
  const auto n = static_cast<double>(a.size(0));
  return (values.sum() - values.diagonal().sum()) / (n * (n - 1));
}

}  // namespace

double kernel_distance(const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor a = x.to(at::kDouble), b = y.to(at::kDouble);
  return (mean_within(a) + mean_within(b) - 2 * kernel(a, b).mean()).item<double>();
}

}  // namespace atelier
