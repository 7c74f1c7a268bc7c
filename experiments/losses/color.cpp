#include "experiments/losses/color.h"

#include "experiments/losses/loss_context.h"
#include "framework/core/error.h"

namespace atelier {
namespace {

/// Colours, or their differences, times a 3 x 3 matrix given row by row. The matrix is filled where the colours lie: a
/// step on a GPU copies nothing from the host.
at::Tensor transform_colors(const at::Tensor& colors, at::ArrayRef<double> matrix) {
  const at::Tensor weight = at::empty({9}, colors.options().requires_grad(false));
  for (std::int64_t i = 0; i < 9; ++i) weight[i].fill_(matrix[static_cast<std::size_t>(i)]);
  return at::conv2d(colors, weight.view({3, 3, 1, 1}));
}

}  // namespace

at::Tensor ColorLoss::value(const LossContext& context) const {
  return color_distance(space, context.photo, context.output);
}

at::Tensor lab_from_rgb(const at::Tensor& rgb) {
  // A branch that is not taken must still have a finite gradient, which `where` multiplies by 0: so powers see only
  // what lies above their threshold.
  constexpr double dark = 0.04045;
  const at::Tensor linear = at::where(rgb <= dark, rgb / 12.92, ((rgb.clamp_min(dark) + 0.055) / 1.055).pow(2.4));
  // Rows: X, Y, Z of sRGB's primaries, each divided by that of D65's white, which is the row's sum: white becomes (1,
  // 1, 1).
  constexpr double xyz[9] = {0.4124564, 0.3575761, 0.1804375, 0.2126729, 0.7151522,
                             0.0721750, 0.0193339, 0.1191920, 0.9503041};
  double to_white[9];
  for (int i = 0; i < 9; ++i) to_white[i] = xyz[i] / (xyz[i / 3 * 3] + xyz[i / 3 * 3 + 1] + xyz[i / 3 * 3 + 2]);
  const at::Tensor t = transform_colors(linear, to_white);
  constexpr double delta = 6.0 / 29, threshold = delta * delta * delta;
  const at::Tensor f =
      at::where(t > threshold, t.clamp_min(threshold).pow(1.0 / 3), t / (3 * delta * delta) + 4.0 / 29);
  // L* = 116 f(Y) - 16, a* = 500 (f(X) - f(Y)), b* = 200 (f(Y) - f(Z)).
  const at::Tensor x = f.narrow(1, 0, 1), y = f.narrow(1, 1, 1), z = f.narrow(1, 2, 1);
  return at::cat({116 * y - 16, 500 * (x - y), 200 * (y - z)}, 1);
}

at::Tensor color_distance(const std::string& space, const at::Tensor& a, const at::Tensor& b) {
  at::Tensor difference;
  if (space == "yuv") {
    // The conversion is linear, so it is applied to the difference. Rows: Y, U, V.
    difference = transform_colors(
        a - b, {0.299, 0.587, 0.114, -0.14714119, -0.28886916, 0.43601035, 0.61497538, -0.51496512, -0.10001026});
  } else if (space == "lab") {
    difference = (lab_from_rgb(a) - lab_from_rgb(b)) / 100;
  } else {
    throw Error("there is no colour space " + space);
  }
  const at::Tensor chroma = difference.narrow(1, 1, 2);
  const at::Tensor huber = at::where(chroma.abs() < 1, chroma.square() / 2, chroma.abs() - 0.5);
  return difference.narrow(1, 0, 1).abs().mean() +
         2 * huber.mean();  // twice: the mean runs over two planes that are added
}

}  // namespace atelier
