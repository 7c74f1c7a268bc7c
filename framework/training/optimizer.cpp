#include "framework/training/optimizer.h"

#include "framework/config/catalog.h"
#include "framework/core/error.h"
#include "framework/core/format.h"

namespace atelier {

// What makes each stands in a file of its own.
#define ATELIER_OPTIMIZER(name, make, summary) \
  std::unique_ptr<Optimizer> make(NamedTensors parameters, const OptimizerOptions& options);
#include "framework/training/optimizers.def"
#undef ATELIER_OPTIMIZER

namespace {

struct OptimizerEntry {
  std::string_view name, summary;
  std::unique_ptr<Optimizer> (*make)(NamedTensors, const OptimizerOptions&);
};

constexpr OptimizerEntry entries[] = {
#define ATELIER_OPTIMIZER(name, make, summary) {name, summary, make},
#include "framework/training/optimizers.def"
#undef ATELIER_OPTIMIZER
};
constexpr Catalog<OptimizerEntry> optimizers("optimizer", entries);

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(NamedTensors parameters, const OptimizerOptions& options) {
  return optimizers.at(options.optimizer).make(std::move(parameters), options);
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

at::Tensor scalars_like(at::ArrayRef<double> numbers, const at::Tensor& like) {
  const at::Tensor scalars =
      at::empty({static_cast<std::int64_t>(numbers.size())},
                at::TensorOptions().dtype(like.is_cpu() ? at::kDouble : at::kFloat).device(like.device()));
  std::int64_t i = 0;
  for (const double number : numbers) scalars[i++].fill_(number);
  return scalars;
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
