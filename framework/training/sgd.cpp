#include "framework/training/sgd.h"

#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

Sgd::Sgd(NamedTensors parameters, const Options& options) : options_(options) {
  for (auto& [name, parameter] : parameters) {
    if (!parameter.is_non_overlapping_and_dense()) throw Error(format("the parameter {} has gaps in memory", name));
    names_.push_back(name);
    if (options.momentum != 0) momenta_.push_back(at::zeros_like(parameter));
    parameters_.push_back(std::move(parameter));
  }
}

at::Tensor Sgd::next_rate(double lr) { return rate_tensor({lr}, parameters_.front()); }

void Sgd::apply(const at::Tensor& rate) {
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> gradients = take_gradients(names_, parameters_);
  at::_fused_sgd_(parameters_, gradients, momenta_, options_.weight_decay, options_.momentum, rate[0], /*dampening=*/0,
                  /*nesterov=*/false, /*maximize=*/false, /*is_first_step=*/false);
}

void Sgd::save(const std::string& prefix, TensorMap& state) const {
  for (std::size_t i = 0; i < momenta_.size(); ++i) state[prefix + ".momentum." + names_[i]] = momenta_[i];
}

void Sgd::load(const std::string& prefix, const TensorMap& state) {
  for (std::size_t i = 0; i < momenta_.size(); ++i) restore(state, prefix + ".momentum." + names_[i], momenta_[i]);
}

}  // namespace atelier
