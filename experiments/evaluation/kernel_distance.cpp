#include "experiments/evaluation/kernel_distance.h"

namespace atelier {
namespace {

at::Tensor kernel(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor base = at::mm(a, b.t()) / static_cast<double>(a.size(1)) + 1;
  return base * base * base;
}

/// Mean of k over all rows with different numbers.
at::Tensor mean_of_different(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor values = kernel(a, b);
  const auto n = static_cast<double>(a.size(0));
  return (values.sum() - values.diagonal().sum()) / (n * (n - 1));
}

}  // namespace

double kernel_distance(const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor a = x.to(at::kDouble), b = y.to(at::kDouble);
  return (mean_of_different(a, a) + mean_of_different(b, b) - 2 * kernel(a, b).mean()).item<double>();
}

double paired_kernel_distance(const at::Tensor& x, const at::Tensor& y) {
  const at::Tensor a = x.to(at::kDouble), b = y.to(at::kDouble);
  return (mean_of_different(a, a) + mean_of_different(b, b) - 2 * mean_of_different(a, b)).item<double>();
}

}  // namespace atelier
