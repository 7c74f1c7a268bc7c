#include "experiments/evaluation/structural_similarity.h"

#include <algorithm>

namespace atelier {
namespace {

/// N x 3 x H x W to N x 1 x H x W.
at::Tensor luma(const at::Tensor& image) {
  const at::Tensor weights = at::tensor({0.299, 0.587, 0.114}, at::kDouble).to(image.device()).view({1, 3, 1, 1});
  return (image.to(at::kDouble) * weights).sum(1, /*keepdim=*/true);
}

at::Tensor gaussian_window(std::int64_t side) {
  constexpr std::int64_t full = 11;
  constexpr double deviation = 1.5;
  const std::int64_t size = std::min(full, side);
  const at::Tensor place = at::arange(size, at::kDouble) - static_cast<double>(size - 1) / 2;
  const at::Tensor weights = (place.square() / (-2 * deviation * deviation)).exp();
  return weights / weights.sum();
}

}  // namespace

at::Tensor structural_similarity(const at::Tensor& a, const at::Tensor& b) {
  constexpr double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
  const at::Tensor x = luma(a), y = luma(b);
  const at::Tensor down = gaussian_window(x.size(2)).to(x.device()).view({1, 1, -1, 1}),
                   across = gaussian_window(x.size(3)).to(x.device()).view({1, 1, 1, -1});
  const auto local_mean = [&](const at::Tensor& image) { return at::conv2d(at::conv2d(image, down), across); };
  const at::Tensor mean_x = local_mean(x), mean_y = local_mean(y);
  const at::Tensor variances = local_mean(x * x + y * y) - mean_x * mean_x - mean_y * mean_y;
  const at::Tensor covariance = local_mean(x * y) - mean_x * mean_y;
  const at::Tensor similarity = (2 * mean_x * mean_y + c1) * (2 * covariance + c2) /
                                ((mean_x * mean_x + mean_y * mean_y + c1) * (variances + c2));
  return similarity.flatten(1).mean(1);
}

double structural_similarities(const at::Tensor& photo, const at::Tensor& output) {
  return structural_similarity(photo, output).sum().item<double>();
}

}  // namespace atelier
