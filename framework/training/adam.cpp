#include "framework/training/adam.h"

#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

Adam::Adam(NamedTensors parameters, const Options& options) : options_(options) {
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
  if (options_.form == Form::adamw) return rate_tensor({lr, static_cast<double>(steps_)}, parameters_.front());
  // libtorch's form corrects both moments by their number of steps. With so many steps that nothing is left to correct,
  // and the corrections in the rate, it is the one with epsilon outside.
  constexpr double many = 1e18;
  const double t = static_cast<double>(steps_);
  return rate_tensor({lr * std::sqrt(1 - std::pow(options_.beta2, t)) / (1 - std::pow(options_.beta1, t)), many},
                     parameters_.front());
}

void Adam::apply(const at::Tensor& rate) {
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> gradients = take_gradients(names_, parameters_);
  const std::vector<at::Tensor> counts(parameters_.size(), rate[1]);
  if (options_.form == Form::adamw) {
    at::_fused_adamw_(parameters_, gradients, m_, v_, {}, counts, rate[0], options_.beta1, options_.beta2,
                      options_.weight_decay, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
  } else {
    at::_fused_adam_(parameters_, gradients, m_, v_, {}, counts, rate[0], options_.beta1, options_.beta2,
                     /*weight_decay=*/0, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
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

}  // namespace atelier
