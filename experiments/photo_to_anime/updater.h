#pragma once

#include <memory>
#include <vector>

#include "framework/distributed/gradient_reducer.h"
#include "framework/training/optimizer.h"
#include "framework/training/schedule.h"

namespace atelier {

/// A network's parameters and what updates them.
struct Updater {
  /// `name`: of the network, in front of its parameters' names. `steps`: of the schedule. `ranks` must outlive it.
  Updater(const torch::nn::Module& network, const char* name, const OptimizerOptions& options, std::int64_t steps,
          TensorReduction& ranks);

  /// Waits for the sum of the gradients over ranks, clips them (0: any norm), updates. Their norm before clipping.
  at::Tensor update(const at::Tensor& rate, double clip);

  std::vector<at::Tensor> parameters;
  Schedule schedule;
  std::unique_ptr<Optimizer> optimizer;
  GradientReducer reducer;
};

}  // namespace atelier
