#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/training/optimizer.h"

namespace atelier {
namespace {

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

  /// `options.weight_decay` is of `adamw` alone.
  Adam(NamedTensors parameters, const OptimizerOptions& options, Form form);

  at::Tensor next_rate(double lr) override;
  void apply(const at::Tensor& rate) override;
  /// Moments and step count under "PREFIX.m.NAME", "PREFIX.v.NAME" and "PREFIX.steps".
  void save(const std::string& prefix, TensorMap& state) const override;
  void load(const std::string& prefix, const TensorMap& state) override;

 private:
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_, m_, v_;
  double beta1_, beta2_, epsilon_, weight_decay_;
  Form form_;
  std::int64_t steps_ = 0;
};

Adam::Adam(NamedTensors parameters, const OptimizerOptions& options, Form form)
    : beta1_(options.betas.at(0)),
      beta2_(options.betas.at(1)),
      epsilon_(options.epsilon),
      weight_decay_(options.weight_decay),
      form_(form) {
  for (auto& [name, parameter] : parameters) {
    if (!parameter.is_non_overlapping_and_dense()) throw Error(format("the parameter {} has gaps in memory", name));
    names_.push_back(name);
    m_.push_back(at::zeros_like(parameter));
    v_.push_back(at::zeros_like(parameter));
    parameters_.push_back(std::move(parameter));
  }
}

at::Tensor Adam::next_rate(double lr) {
  ++steps_;
  if (form_ == Form::adamw) return scalars_like({lr, static_cast<double>(steps_)}, parameters_.front());
  // libtorch's form corrects both moments by their number of steps. With so many steps that nothing is left to correct,
  // and the corrections in the rate, it is the one with epsilon outside.
  constexpr double many = 1e18;
  const double t = static_cast<double>(steps_);
  return scalars_like({lr * std::sqrt(1 - std::pow(beta2_, t)) / (1 - std::pow(beta1_, t)), many}, parameters_.front());
}

void Adam::apply(const at::Tensor& rate) {
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> gradients = take_gradients(names_, parameters_);
  const std::vector<at::Tensor> counts(parameters_.size(), rate[1]);
  if (form_ == Form::adamw) {
    at::_fused_adamw_(parameters_, gradients, m_, v_, {}, counts, rate[0], beta1_, beta2_, weight_decay_, epsilon_,
                      /*amsgrad=*/false, /*maximize=*/false);
  } else {
    at::_fused_adam_(parameters_, gradients, m_, v_, {}, counts, rate[0], beta1_, beta2_,
                     /*weight_decay=*/0, epsilon_, /*amsgrad=*/false, /*maximize=*/false);
  }
}

void Adam::save(const std::string& prefix, TensorMap& state) const {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    state[prefix + ".m." + names_[i]] = m_[i];
    state[prefix + ".v." + names_[i]] = v_[i];
  }
  state[prefix + ".steps"] = at::full({}, steps_, at::TensorOptions().dtype(at::kLong));
}

void Adam::load(const std::string& prefix, const TensorMap& state) {
  for (std::size_t i = 0; i < names_.size(); ++i) {
    restore(state, prefix + ".m." + names_[i], m_[i]);
    restore(state, prefix + ".v." + names_[i], v_[i]);
  }
  at::Tensor count = at::zeros({}, at::TensorOptions().dtype(at::kLong));
  restore(state, prefix + ".steps", count);
  steps_ = count.item<std::int64_t>();
}

}  // namespace

std::unique_ptr<Optimizer> make_adam(NamedTensors parameters, const OptimizerOptions& options) {
  if (options.weight_decay != 0) throw UsageError("adam has no weight_decay; adamw and sgd have");
  return std::make_unique<Adam>(std::move(parameters), options, Adam::Form::keras);
}

std::unique_ptr<Optimizer> make_adamw(NamedTensors parameters, const OptimizerOptions& options) {
  return std::make_unique<Adam>(std::move(parameters), options, Adam::Form::adamw);
}

}  // namespace atelier
