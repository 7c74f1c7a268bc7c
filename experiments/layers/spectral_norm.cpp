#include "experiments/layers/spectral_norm.h"

namespace atelier {
namespace {

at::Tensor unit(const at::Tensor& x) { return x / x.norm().clamp_min(1e-12); }

}  // namespace

SpectralNorm::SpectralNorm(const at::Tensor& weight, Initializer& initializer) : weight_(weight) {
  constexpr int first_iterations = 10;
  const at::Tensor direction = at::empty({weight.size(0)}, weight.options().requires_grad(false));
  initializer.he_normal(direction, weight.size(0));
  u_ = register_buffer("u", unit(direction));
  v_ = register_buffer("v", at::zeros({weight.numel() / weight.size(0)}, direction.options()));
  for (int i = 0; i < first_iterations; ++i) iterate();
}

at::Tensor SpectralNorm::sigma() const { return at::dot(u_, at::mv(weight_.flatten(1), v_)); }

at::Tensor SpectralNorm::forward() const { return weight_ / sigma(); }

void SpectralNorm::iterate() {
  const at::NoGradGuard no_grad;
  const at::Tensor matrix = weight_.flatten(1);
  v_.copy_(unit(at::mv(matrix.t(), u_)));
  u_.copy_(unit(at::mv(matrix, v_)));
}

}  // namespace atelier
