#include "framework/training/gradients.h"

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {
namespace {

std::vector<at::Tensor> gradients_of(const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients;
  for (const at::Tensor& parameter : parameters) {
    if (parameter.grad().defined()) gradients.push_back(parameter.grad());
  }
  return gradients;
}

at::Tensor norm_of(const std::vector<at::Tensor>& gradients) {
  if (gradients.empty()) return at::zeros({});
  return at::stack(at::_foreach_norm(gradients, 2)).norm();
}

}  // namespace

at::Tensor gradient_norm(const std::vector<at::Tensor>& parameters) {
  const at::NoGradGuard no_grad;
  return norm_of(gradients_of(parameters));
}

at::Tensor clip_gradients(const std::vector<at::Tensor>& parameters, double max_norm) {
  if (max_norm <= 0) throw Error(format("gradients cannot be clipped to the norm {}: it must be above 0", max_norm));
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> gradients = gradients_of(parameters);
  const at::Tensor norm = norm_of(gradients);
  if (gradients.empty()) return norm;
  // Where the norm is 0 the quotient is infinite and the scale 1. An infinite norm would make finite gradients 0 in
  // silence, so it becomes NaN.
  const at::Tensor scale = (max_norm / norm).clamp_max(1) + (norm - norm);
  at::_foreach_mul_(gradients, scale);
  return norm;
}

}  // namespace atelier
