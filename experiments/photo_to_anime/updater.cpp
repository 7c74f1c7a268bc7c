#include "experiments/photo_to_anime/updater.h"

#include "framework/training/gradients.h"

namespace atelier {

Updater::Updater(const torch::nn::Module& network, const char* name, const OptimizerOptions& options,
                 std::int64_t steps, TensorReduction& ranks)
    : parameters(network.parameters()), schedule(options.schedule), reducer(ranks, parameters) {
  schedule.total = steps;
  NamedTensors named;
  for (const auto& item : network.named_parameters())
    named.emplace_back(std::string(name) + "." + item.key(), item.value());
  optimizer = make_optimizer(std::move(named), options);
}

at::Tensor Updater::update(const at::Tensor& rate, double clip) {
  reducer.wait();
  const at::Tensor norm = clip > 0 ? clip_gradients(parameters, clip) : gradient_norm(parameters);
  optimizer->apply(rate);
  return norm;
}

}  // namespace atelier
