#pragma once

#include <ATen/ATen.h>

#include <string>
#include <vector>

#include "experiments/losses/loss_term.h"

namespace atelier {

/// Mean absolute ("l1") or mean squared ("l2") difference. Throws `Error` for another name.
at::Tensor distance(const std::string& kind, const at::Tensor& a, const at::Tensor& b);

/// Those of features, or of Gram matrices, at several layers, weighted and added. `weights`: one a layer; empty: 1
/// each.
at::Tensor distance(const std::string& kind, const std::vector<std::string>& layers, const std::vector<double>& weights,
                    const Features& a, const Features& b);

/// Gram matrices of features, N x C x H x W to N x C x C: F^T F divided by H W C ("hwc", the scaling of Johnson et al.,
/// ECCV 2016) or by H W ("hw"). Throws `Error` for another scaling. Source: Gatys, Ecker and Bethge, CVPR 2016.
at::Tensor gram_matrix(const at::Tensor& features, const std::string& scaling = "hwc");

}  // namespace atelier
