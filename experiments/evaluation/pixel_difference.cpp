#include <ATen/ATen.h>

namespace atelier {

double pixel_differences(const at::Tensor& photo, const at::Tensor& output) {
  return static_cast<double>(photo.size(0)) * (output - photo).abs().mean().item<double>();
}

}  // namespace atelier
