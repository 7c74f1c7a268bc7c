#pragma once

#include <ATen/ATen.h>

#include <string>
#include <utility>
#include <vector>

#include "framework/training/tensor_io.h"

namespace atelier {

/// Adam in Keras' form: lr sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon), epsilon outside the correction.
///
/// Source: Kingma and Ba, "Adam", ICLR 2015, the form before section 2.1, which TensorFlow and Keras use.
class Adam {
 public:
  struct Options {
    double beta1 = 0.5;
    double beta2 = 0.999;
    double epsilon = 1e-7;
  };

  /// Named leaves; their `grad()` is what `step` reads.
  Adam(std::vector<std::pair<std::string, at::Tensor>> parameters, const Options& options);

  /// One update of all parameters, which then have no gradient. Throws `Error` when one has none before.
  void step(double lr);

  /// Moments and step count under "PREFIX.m.NAME", "PREFIX.v.NAME" and "PREFIX.steps".
  void save(const std::string& prefix, TensorMap& state) const;
  /// Throws `Error` when something is missing or of another shape.
  void load(const std::string& prefix, const TensorMap& state);

 private:
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_, m_, v_, counts_;
  Options options_;
  std::int64_t steps_ = 0;
};

/// Copies the stored tensor of that name into `target`. Throws `Error` when it is missing or of another shape.
void restore(const TensorMap& state, const std::string& name, at::Tensor target);

}  // namespace atelier
