#pragma once

#include <ATen/ATen.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "framework/training/optimizer_options.h"
#include "framework/training/tensor_io.h"

namespace atelier {

using NamedTensors = std::vector<std::pair<std::string, at::Tensor>>;

/// Updates parameters from their gradients. What it remembers of a parameter lies in memory as the parameter does
/// (channels-last or not); a gradient that lies otherwise is brought into that order first.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// What the next update depends on besides gradients and what is remembered: its rate, and what follows from its
  /// number. One-dimensional, where the parameters lie. Counts the update.
  virtual at::Tensor next_rate(double lr) = 0;

  /// One update of all parameters, which then have no gradient. `rate` is what `next_rate` gave for it. It reads no
  /// number outside tensors, so that the work can be recorded (`CapturedStep`). Throws `Error` when a parameter has no
  /// gradient.
  virtual void apply(const at::Tensor& rate) = 0;

  void step(double lr) { apply(next_rate(lr)); }

  /// Everything the next step depends on besides the parameters, under names that begin with "PREFIX.". The tensors
  /// share the optimizer's memory.
  virtual void save(const std::string& prefix, TensorMap& state) const = 0;
  /// Throws `Error` when something is missing or of another shape.
  virtual void load(const std::string& prefix, const TensorMap& state) = 0;
};

/// The optimizer that the options name, over named leaves that require gradients and are dense in memory. Throws
/// `UsageError` for a name that is not there and for options that the optimizer does not have.
std::unique_ptr<Optimizer> make_optimizer(NamedTensors parameters, const OptimizerOptions& options);

/// Copies the stored tensor of that name into `target`, whichever way that lies in memory. Throws `Error` when it is
/// missing or of another shape.
void restore(const TensorMap& state, const std::string& name, at::Tensor target);

/// A tensor of these numbers where `like` lies, made without a copy from the host: in double precision on a processor,
/// in single on a GPU, whose kernels want it so. For what a step reads besides pictures: rates, weights of losses.
at::Tensor scalars_like(at::ArrayRef<double> numbers, const at::Tensor& like);

/// The gradients of parameters, each in its parameter's memory order, and the parameters left without. For optimizers.
/// Throws `Error` naming a parameter that has none.
std::vector<at::Tensor> take_gradients(const std::vector<std::string>& names,
                                       const std::vector<at::Tensor>& parameters);

}  // namespace atelier
