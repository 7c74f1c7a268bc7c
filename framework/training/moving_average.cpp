#include "framework/training/moving_average.h"

#include <algorithm>

namespace atelier {

MovingAverage::MovingAverage(NamedTensors tensors, double decay) : decay_(decay) {
  for (const auto& [name, tensor] : tensors) {
    names_.push_back(name);
    tensors_.push_back(tensor.detach());
    averages_.push_back(tensor.detach().clone());
    (tensor.is_floating_point() ? real_tensors_ : whole_tensors_).push_back(tensors_.back());
    (tensor.is_floating_point() ? real_averages_ : whole_averages_).push_back(averages_.back());
  }
}

void MovingAverage::update() {
  const at::NoGradGuard no_grad;
  const double t = static_cast<double>(updates_++);
  const double decay = std::min(decay_, (1 + t) / (10 + t));
  if (!real_averages_.empty()) at::_foreach_lerp_(real_averages_, real_tensors_, at::Scalar(1 - decay));
  for (std::size_t i = 0; i < whole_averages_.size(); ++i) whole_averages_[i].copy_(whole_tensors_[i]);
}

void MovingAverage::swap() {
  const at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < tensors_.size(); ++i) {
    const at::Tensor kept = tensors_[i].clone();
    tensors_[i].copy_(averages_[i]);
    averages_[i].copy_(kept);
  }
}

void MovingAverage::save(const std::string& prefix, TensorMap& state) const {
  for (std::size_t i = 0; i < names_.size(); ++i) state[prefix + "." + names_[i]] = averages_[i];
  state[prefix + ".updates"] = at::full({}, updates_, at::TensorOptions().dtype(at::kLong));
}

void MovingAverage::load(const std::string& prefix, const TensorMap& state) {
  for (std::size_t i = 0; i < names_.size(); ++i) restore(state, prefix + "." + names_[i], averages_[i]);
  at::Tensor count = at::zeros({}, at::TensorOptions().dtype(at::kLong));
  restore(state, prefix + ".updates", count);
  updates_ = count.item<std::int64_t>();
}

}  // namespace atelier
