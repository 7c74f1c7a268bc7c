#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>

namespace atelier {

/// Normalisation followed by LeakyReLU, together because both are bound by memory.
class Norm : public torch::nn::Module {
 public:
  /// N x C x H x W in and out. `slope` 1 leaves the activation out.
  virtual at::Tensor forward(const at::Tensor& x, double slope) = 0;
};

/// Throws `Error` for a name that is not in `norms.def`.
std::shared_ptr<Norm> make_norm(const std::string& name, std::int64_t channels);

}  // namespace atelier
