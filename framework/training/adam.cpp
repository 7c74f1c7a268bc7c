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
    counts_.push_back(at::zeros({}, at::TensorOptions().dtype(at::kFloat).device(parameter.device())));
    parameters_.push_back(std::move(parameter));
  }
}

void Adam::step(double lr) {
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> gradients = take_gradients(names_, parameters_);
  ++steps_;
  for (at::Tensor& count : counts_) count.fill_(static_cast<double>(steps_));
  if (options_.form == Form::adamw) {
    at::_fused_adamw_(parameters_, gradients, m_, v_, {}, counts_, lr, options_.beta1, options_.beta2,
                      options_.weight_decay, options_.epsilon, /*amsgrad=*/false, /*maximize=*/false);
    return;
  }
  // libtorch's form adds epsilon to the corrected root: m / (sqrt(v) / sqrt(1 - beta2^t) + e). With e divided by that
  // same root both are one.
  const double correction = std::sqrt(1 - std::pow(options_.beta2, static_cast<double>(steps_)));
  at::_fused_adam_(parameters_, gradients, m_, v_, {}, counts_, lr, options_.beta1, options_.beta2, /*weight_decay=*/0,
                   options_.epsilon / correction, /*amsgrad=*/false, /*maximize=*/false);
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
