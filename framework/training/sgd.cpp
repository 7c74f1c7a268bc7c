#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/training/optimizer.h"

namespace atelier {
namespace {

/// Gradient descent with momentum: b = momentum b + g + weight_decay p, then p -= lr b, with b = 0 before the first
/// step.
///
/// Source: Sutskever et al., "On the importance of initialization and momentum in deep learning", ICML 2013, in the
/// form in which the rate is outside the momentum, as PyTorch's SGD has it.
class Sgd : public Optimizer {
 public:
  /// The first of `options.betas` is the momentum.
  Sgd(NamedTensors parameters, const OptimizerOptions& options);

  at::Tensor next_rate(double lr) override;
  void apply(const at::Tensor& rate) override;
  /// Under "PREFIX.momentum.NAME"; nothing without momentum.
  void save(const std::string& prefix, TensorMap& state) const override;
  void load(const std::string& prefix, const TensorMap& state) override;

 private:
  std::vector<std::string> names_;
  std::vector<at::Tensor> parameters_, momenta_;  // no momenta when there is no momentum
  double momentum_, weight_decay_;
};

Sgd::Sgd(NamedTensors parameters, const OptimizerOptions& options)
    : momentum_(options.betas.at(0)), weight_decay_(options.weight_decay) {
  for (auto& [name, parameter] : parameters) {
    if (!parameter.is_non_overlapping_and_dense()) throw Error(format("the parameter {} has gaps in memory", name));
    names_.push_back(name);
    if (momentum_ != 0) momenta_.push_back(at::zeros_like(parameter));
    parameters_.push_back(std::move(parameter));
  }
}

at::Tensor Sgd::next_rate(double lr) { return scalars_like({lr}, parameters_.front()); }

void Sgd::apply(const at::Tensor& rate) {
  const at::NoGradGuard no_grad;
  const std::vector<at::Tensor> gradients = take_gradients(names_, parameters_);
  at::_fused_sgd_(parameters_, gradients, momenta_, weight_decay_, momentum_, rate[0], /*dampening=*/0,
                  /*nesterov=*/false, /*maximize=*/false, /*is_first_step=*/false);
}

void Sgd::save(const std::string& prefix, TensorMap& state) const {
  for (std::size_t i = 0; i < momenta_.size(); ++i) state[prefix + ".momentum." + names_[i]] = momenta_[i];
}

void Sgd::load(const std::string& prefix, const TensorMap& state) {
  for (std::size_t i = 0; i < momenta_.size(); ++i) restore(state, prefix + ".momentum." + names_[i], momenta_[i]);
}

}  // namespace

std::unique_ptr<Optimizer> make_sgd(NamedTensors parameters, const OptimizerOptions& options) {
  return std::make_unique<Sgd>(std::move(parameters), options);
}

}  // namespace atelier
