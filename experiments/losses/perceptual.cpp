#include "experiments/losses/perceptual.h"

#include "framework/core/error.h"

namespace atelier {

at::Tensor distance(const std::string& kind, const at::Tensor& a, const at::Tensor& b) {
  if (kind == "l1") return (a - b).abs().mean();
  if (kind == "l2") return (a - b).square().mean();
  throw Error("there is no distance " + kind);
}

at::Tensor gram_matrix(const at::Tensor& features) {
  const at::Tensor flat = features.flatten(2);
  return at::bmm(flat, flat.transpose(1, 2)) / static_cast<double>(features[0].numel());
}

at::Tensor color_distance(const at::Tensor& a, const at::Tensor& b) {
  // The conversion is linear, so it is applied to the difference. Rows: Y, U, V.
  const at::Tensor to_yuv = at::tensor({0.299, 0.587, 0.114, -0.14714119, -0.28886916, 0.43601035, 0.61497538, -0.51496512, -0.10001026},
                                       at::kDouble)
                                .to(a.options())
                                .view({3, 3, 1, 1});
  const at::Tensor yuv = at::conv2d(a - b, to_yuv);
  const at::Tensor chroma = yuv.narrow(1, 1, 2);
  const at::Tensor huber = at::where(chroma.abs() < 1, chroma.square() / 2, chroma.abs() - 0.5);
  return yuv.narrow(1, 0, 1).abs().mean() + 2 * huber.mean();  // twice: the mean runs over two planes that are added
}

at::Tensor total_variation(const at::Tensor& image) {
  const std::int64_t h = image.size(2), w = image.size(3);
  const at::Tensor down = image.narrow(2, 1, h - 1) - image.narrow(2, 0, h - 1);
  const at::Tensor across = image.narrow(3, 1, w - 1) - image.narrow(3, 0, w - 1);
  return down.square().mean() + across.square().mean();
}

}  // namespace atelier
