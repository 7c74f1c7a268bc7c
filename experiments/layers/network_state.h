#pragma once

#include <torch/nn/module.h>

#include <string>
#include <utility>
#include <vector>

namespace atelier {

/// All that a network is besides its architecture: the parameters as it registered them, then the buffers (running
/// means, singular vectors), the tensors themselves, under "PREFIX.name".
inline std::vector<std::pair<std::string, at::Tensor>> named_state(const torch::nn::Module& network,
                                                                   const std::string& prefix) {
  std::vector<std::pair<std::string, at::Tensor>> state;
  for (const auto& item : network.named_parameters()) state.emplace_back(prefix + "." + item.key(), item.value());
  for (const auto& item : network.named_buffers()) state.emplace_back(prefix + "." + item.key(), item.value());
  return state;
}

}  // namespace atelier
