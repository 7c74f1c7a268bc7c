#pragma once

#include <ATen/ATen.h>

#include <string>

namespace atelier {

/// Mean absolute ("l1") or mean squared ("l2") difference. Throws `Error` for another name.
at::Tensor distance(const std::string& kind, const at::Tensor& a, const at::Tensor& b);

/// Gram matrices of features, N x C x H x W to N x C x C: F^T F / (H W C).
/// Source: Gatys, Ecker and Bethge, CVPR 2016, with the scaling of Johnson et al., ECCV 2016.
at::Tensor gram_matrix(const at::Tensor& features);

/// Colours of photo and output, N x 3 x H x W RGB: mean absolute difference of Y and Huber distance (delta 1) of U and V.
/// Source: Chen, Liu and Chen, "AnimeGAN", ISICA 2019, equation 8. YUV as in ITU-R BT.601.
at::Tensor color_distance(const at::Tensor& a, const at::Tensor& b);

/// Mean squared difference of neighbours, down and across. Source: AnimeGANv2's form of total variation.
at::Tensor total_variation(const at::Tensor& image);

}  // namespace atelier
