#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "framework/training/optimizer.h"

namespace atelier {

/// Adam in one of two forms, with m and v the moving averages of g and g^2 with decays beta1 and beta2.
///
/// keras: p -= lr sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon), epsilon outside the correction.
/// Source: Kingma and Ba, "Adam", ICLR 2015, the form before section 2.1, which TensorFlow and Keras use.
///
/// adamw: p -= lr weight_decay p, then p -= lr m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + epsilon), as PyTorch's
/// AdamW. Source: Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.
class Adam : public Optimizer {
 public:
  enum class Form { keras, adamw };
  struct Options {
    double beta1 = 0.5;
    double beta2 = 0.999;
    double epsilon = 1e-7;
    Form form = Form::keras;
    double weight_decay = 0;  ///< Of `adamw` alone.
  };

  Adam(NamedTensors parameters, const Options& options);

  at::Tensor next_rate(double lr) override;
  void apply(const at::Tensor& rate) override;
  /// Moments and step count under "PREFIX.m.NAME", "PREFIX.v.NAME" and "PREFIX.steps".
  void save(const std::string& prefix, TensorMap& state) const override;
  void load(const std::string& prefix, const TensorMap& state) override;

 private:
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_, m_, v_;
  Options options_;
  std::int64_t steps_ = 0;
};

}  // namespace atelier
