#pragma once

#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "experiments/layers/activate.h"
#include "experiments/layers/network_context.h"

namespace atelier {

/// Normalisation followed by an activation, together because both are bound by memory.
class Norm : public torch::nn::Module {
 public:
  /// N x C x H x W in and out: the activation of the normalised `x`, to which `skip` is added first where it is given.
  virtual at::Tensor forward(const at::Tensor& x, Activation activation, const at::Tensor& skip = {}) = 0;
};

/// The activation of a sum, for norms that do not do it themselves; nobody else reads `x`.
at::Tensor add_and_activate(const at::Tensor& x, Activation activation, const at::Tensor& skip);

/// Throws `Error` for a name that is not in `norms.def`.
std::shared_ptr<Norm> make_norm(std::string_view name, std::int64_t channels, const NetworkContext& context);

/// What `norms.def` names and has a file of its own.
std::shared_ptr<Norm> make_batch_norm(std::int64_t channels, const NetworkContext& context);
std::shared_ptr<Norm> make_lade(std::int64_t channels, const NetworkContext& context);

}  // namespace atelier
