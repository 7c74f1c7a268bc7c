#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace atelier {

/// The Euclidean norm of all gradients together, as a tensor without dimensions: nothing waits for a device. Parameters
/// without a gradient count as 0. Gradients must be of one type and device.
at::Tensor gradient_norm(const std::vector<at::Tensor>& parameters);

/// Scales all gradients alike so that their norm is at most `max_norm`, and returns the norm before. A norm that is not
/// finite makes every gradient NaN, which the record then shows. After the sum over ranks, so that all scale alike.
///
/// Source: Pascanu et al., "On the difficulty of training recurrent neural networks", ICML 2013, section 3.2.
at::Tensor clip_gradients(const std::vector<at::Tensor>& parameters, double max_norm);

}  // namespace atelier
