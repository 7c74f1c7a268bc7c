#pragma once

#include <torch/nn/module.h>

#include "experiments/layers/initialization.h"

namespace atelier {

/// Spectral normalisation: a weight divided by its largest singular value, the weight read as a matrix with one row an
/// output channel. The value is sigma = u^T W v, where u and v come from a power iteration that goes on from step to
/// step and are buffers, saved with the network. Gradients go through W in sigma, not through u and v.
///
/// Source: Miyato et al., "Spectral normalization for generative adversarial networks", ICLR 2018, algorithm 1.
class SpectralNorm : public torch::nn::Module {
 public:
  /// `weight`: the parameter itself, out x ... . Starts from a drawn direction and iterates a few times, so that sigma
  /// is close from the first step on.
  SpectralNorm(const at::Tensor& weight, Initializer& initializer);

  /// weight / sigma, in the weight's shape. Changes nothing.
  at::Tensor forward() const;
  at::Tensor sigma() const;  ///< One number.
  /// One power iteration: v = W^T u / |W^T u|, u = W v / |W v|.
  void iterate();

 private:
  at::Tensor weight_, u_, v_;
};

}  // namespace atelier
