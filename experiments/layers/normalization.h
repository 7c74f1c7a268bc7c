#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>

#include "experiments/layers/activation.h"
#include "experiments/layers/network_context.h"

namespace atelier {

/// Normalisation followed by an activation, together because both are bound by memory.
class Norm : public torch::nn::Module {
 public:
  /// N x C x H x W in and out: the activation of the normalised `x`, to which `skip` is added first where it is given.
  virtual at::Tensor forward(const at::Tensor& x, Activation activation, const at::Tensor& skip = {}) = 0;
};

/// Throws `Error` for a name that is not in `norms.def`.
std::shared_ptr<Norm> make_norm(const std::string& name, std::int64_t channels, const NetworkContext& context);

}  // namespace atelier
