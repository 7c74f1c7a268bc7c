#pragma once

#include <ATen/ATen.h>

#include <string>

namespace atelier {

/// Mean absolute ("l1") or mean squared ("l2") difference. Throws `Error` for another name.
at::Tensor distance(const std::string& kind, const at::Tensor& a, const at::Tensor& b);

/// Gram matrices of features, N x C x H x W to N x C x C: F^T F divided by H W C ("hwc", the scaling of Johnson et al.,
/// ECCV 2016) or by H W ("hw"). Throws `Error` for another scaling. Source: Gatys, Ecker and Bethge, CVPR 2016.
at::Tensor gram_matrix(const at::Tensor& features, const std::string& scaling = "hwc");

/// L*, a*, b* (N x 3 x H x W; L* from 0, black, to 100, white) of pictures N x 3 x H x W, sRGB in [0, 1], under D65.
/// Outside [0, 1] the formulas' own branches go on: linear below black, powers above white; value and gradient stay
/// finite. Sources: IEC 61966-2-1 (sRGB), CIE 15 (L*a*b*).
at::Tensor lab_from_rgb(const at::Tensor& rgb);

/// Colours of photo and output, N x 3 x H x W RGB: mean absolute difference of the lightness and Huber distance (delta
/// 1) of the two colour planes. Black and white differ by 1 in both spaces:
///
/// - "yuv": Y, U, V as in ITU-R BT.601. Source: Chen, Liu and Chen, "AnimeGAN", ISICA 2019, equation 8.
/// - "lab": L*, a*, b* divided by 100, so that distances are nearer to what an eye sees.
///
/// Throws `Error` for another space.
at::Tensor color_distance(const std::string& space, const at::Tensor& a, const at::Tensor& b);

/// Mean squared difference of neighbours, down and across: total variation as AnimeGANv2 has it, up to a constant
/// factor.
at::Tensor total_variation(const at::Tensor& image);

}  // namespace atelier
