#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "framework/training/optimizer.h"

namespace atelier {

/// Gradient descent with momentum: b = momentum b + g + weight_decay p, then p -= lr b, with b = 0 before the first
/// step.
///
/// Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, in the
/// form in which the rate is outside the momentum, as PyTorch's SGD has it.
class Sgd : public Optimizer {
 public:
  struct Options {
    double momentum = 0;
    double weight_decay = 0;
  };

  Sgd(NamedTensors parameters, const Options& options);

  at::Tensor next_rate(double lr) override;
  void apply(const at::Tensor& rate) override;
  /// Under "PREFIX.momentum.NAME"; nothing without momentum.
  void save(const std::string& prefix, TensorMap& state) const override;
  void load(const std::string& prefix, const TensorMap& state) override;

 private:
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_, momenta_;  // no momenta when there is no momentum
  Options options_;
};

}  // namespace atelier
