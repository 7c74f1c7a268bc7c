#pragma once

#include "experiments/losses/loss_term.h"

namespace atelier {

/// `color_distance` of photo and output.
struct ColorLoss {
  static constexpr Side side = Side::generator;
  double weight = 0;
  std::string space = "yuv";

  void describe(Fields& fields) {
    fields.real("weight", weight, Range::at_least(0), "colours of photo and output");
    fields.choice("space", space, {"yuv", "lab"}, "where colours are compared");
  }
  at::Tensor value(const LossContext& context) const;
};

/// Colours of two pictures, N x 3 x H x W RGB: mean absolute difference of the lightness and Huber distance (delta 1)
/// of the two colour planes. Black and white differ by 1 in both spaces:
///
/// - "yuv": Y, U, V as in ITU-R BT.601. Source: Chen, Liu and Chen, "AnimeGAN", ISICA 2019, equation 8.
/// - "lab": L*, a*, b* divided by 100, so that distances are nearer to what an eye sees.
///
/// Throws `Error` for another space.
at::Tensor color_distance(const std::string& space, const at::Tensor& a, const at::Tensor& b);

/// L*, a*, b* (N x 3 x H x W; L* from 0, black, to 100, white) of pictures N x 3 x H x W, sRGB in [0, 1], under D65.
/// Outside [0, 1] the formulas' own branches go on: linear below black, powers above white; value and gradient stay
/// finite. Sources: IEC 61966-2-1 (sRGB), CIE 15 (L*a*b*).
at::Tensor lab_from_rgb(const at::Tensor& rgb);

}  // namespace atelier
