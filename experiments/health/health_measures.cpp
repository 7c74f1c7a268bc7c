#include "experiments/health/health_measures.h"

#include "framework/core/error.h"

namespace atelier {
namespace {

at::Tensor mean_difference_of_pairs(const at::Tensor& pictures) {
  const std::int64_t n = pictures.size(0);
  at::Tensor sum = at::zeros({}, pictures.options());
  for (std::int64_t apart = 1; apart < n; ++apart) {
    const at::Tensor differences = pictures.narrow(0, apart, n - apart) - pictures.narrow(0, 0, n - apart);
    sum += differences.abs().flatten(1).mean(1).sum();
  }
  return sum / static_cast<double>(n * (n - 1) / 2);
}

}  // namespace

at::Tensor output_change(const at::Tensor& output, const at::Tensor& photo) {
  const at::NoGradGuard no_grad;
  return (output.clamp(0, 1) - photo).abs().mean();
}

at::Tensor output_spread(const at::Tensor& outputs, const at::Tensor& photos) {
  if (photos.size(0) < 2 || outputs.size(0) != photos.size(0)) {
    throw Error("the spread of outputs needs two photos or more, and an output of each");
  }
  const at::NoGradGuard no_grad;
  const at::Tensor between_outputs = mean_difference_of_pairs(outputs.clamp(0, 1));
  const at::Tensor between_photos = mean_difference_of_pairs(photos);
  return at::where(between_photos > 0, between_outputs / between_photos, at::ones_like(between_photos));
}

}  // namespace atelier
