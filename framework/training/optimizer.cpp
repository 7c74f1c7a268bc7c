#include "framework/training/optimizer.h"

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"
#include "framework/training/adam.h"
#include "framework/training/sgd.h"

namespace atelier {
namespace {

std::unique_ptr<Optimizer> make_adam(NamedTensors parameters, const OptimizerOptions& o) {
  if (o.weight_decay != 0) throw UsageError("adam has no weight_decay; adamw and sgd have");
  return std::make_unique<Adam>(std::move(parameters), Adam::Options{o.beta1, o.beta2, o.epsilon});
}

std::unique_ptr<Optimizer> make_adamw(NamedTensors parameters, const OptimizerOptions& o) {
  return std::make_unique<Adam>(std::move(parameters),
                                Adam::Options{o.beta1, o.beta2, o.epsilon, Adam::Form::adamw, o.weight_decay});
}

std::unique_ptr<Optimizer> make_sgd(NamedTensors parameters, const OptimizerOptions& o) {
  return std::make_unique<Sgd>(std::move(parameters),
                               Sgd::Options{.momentum = o.beta1, .weight_decay = o.weight_decay});
}

struct OptimizerEntry {
  std::string_view name;
  std::unique_ptr<Optimizer> (*make)(NamedTensors, const OptimizerOptions&);
};

constexpr OptimizerEntry optimizers[] = {
#define ATELIER_OPTIMIZER(name, make, summary) {name, make},
#include "framework/training/optimizers.def"
#undef ATELIER_OPTIMIZER
};

}  // namespace

std::vector<std::string_view> optimizer_names() {
  std::vector<std::string_view> names;
  for (const OptimizerEntry& entry : optimizers) names.push_back(entry.name);
  return names;
}

std::unique_ptr<Optimizer> make_optimizer(std::string_view name, NamedTensors parameters,
                                          const OptimizerOptions& options) {
  for (const OptimizerEntry& entry : optimizers) {
    if (entry.name == name) return entry.make(std::move(parameters), options);
  }
  throw UsageError(format("there is no optimizer \"{}\"; expected {}", name, quoted_list(optimizer_names())));
}

void restore(const TensorMap& state, const std::string& name, at::Tensor target) {
  const auto found = state.find(name);
  if (found == state.end()) throw Error(format("the checkpoint holds no {}", name));
  if (found->second.sizes() != target.sizes()) {
    throw Error(format("the checkpoint's {} has the shape [{}], this network's has [{}]", name,
                       fmt::join(found->second.sizes(), ", "), fmt::join(target.sizes(), ", ")));
  }
  const at::NoGradGuard no_grad;
  target.copy_(found->second);
}

at::Tensor rate_tensor(std::initializer_list<double> numbers, const at::Tensor& like) {
  const at::Tensor rate =
      at::empty({static_cast<std::int64_t>(numbers.size())},
                at::TensorOptions().dtype(like.is_cpu() ? at::kDouble : at::kFloat).device(like.device()));
  std::int64_t i = 0;
  for (const double number : numbers) rate[i++].fill_(number);
  return rate;
}

std::vector<at::Tensor> take_gradients(const std::vector<std::string>& names,
                                       const std::vector<at::Tensor>& parameters) {
  std::vector<at::Tensor> gradients;
  gradients.reserve(parameters.size());
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const at::Tensor& gradient = parameters[i].grad();
    if (!gradient.defined()) throw Error(format("the parameter {} got no gradient", names[i]));
    // The fused updates go through memory in one line, so all operands must lie alike.
    gradients.push_back(gradient.strides() == parameters[i].strides() ? gradient
                                                                      : at::empty_like(parameters[i]).copy_(gradient));
  }
  for (const at::Tensor& parameter : parameters) parameter.mutable_grad().reset();
  return gradients;
}

}  // namespace atelier
