#pragma once

#include <ATen/ATen.h>

namespace atelier {

/// How large the tiles of Winograd's algorithm are. Tiles of 2 need 2.25 times fewer multiplications than the direct
/// way and round less, tiles of 4 need 4 times fewer and round several times more. Measured on one core of a Zen
/// processor at 64 to 512 channels: 1.7 to 2 and 2.2 to 3 times as fast as oneDNN's direct convolution.
enum class WinogradTile { two, four };

/// Whether `winograd_convolution` takes these: a 3x3 kernel of floats, images of floats or bfloat16 on the CPU,
/// channels that are multiples of 16, on a processor with AVX2 or AVX-512.
bool takes_winograd(const at::Tensor& x, const at::Tensor& weight);

/// The convolution of N x in x H x W with out x in x 3 x 3, stride 1, `padding` pixels of zeros around, by Winograd's
/// algorithm: N x out x (H + 2 padding - 2) x (W + 2 padding - 2).
/// Channels last in and out; `bias` may be undefined; with `relu` only what is above zero is left of the output. It has
/// a gradient, and no second one. Of bfloat16 images everything but the images themselves is in single precision. The
/// result does not depend on the number of threads, nor an image's on the others.
at::Tensor winograd_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                WinogradTile tile, std::int64_t padding = 1, bool relu = false);

/// Weights that never change, transformed once.
class FrozenWinograd {
 public:
  FrozenWinograd() = default;
  FrozenWinograd(const at::Tensor& weight, WinogradTile tile);

  std::int64_t out() const { return out_; }
  const at::Tensor& forward() const { return forward_; }
  const at::Tensor& backward() const { return backward_; }
  WinogradTile tile() const { return tile_; }

 private:
  std::int64_t out_ = 0;
  at::Tensor forward_, backward_;
  WinogradTile tile_ = WinogradTile::two;
};

/// The same with weights that have no gradient, one pixel of zeros around.
at::Tensor winograd_convolution(const at::Tensor& x, const FrozenWinograd& weight, const at::Tensor& bias, bool relu);

}  // namespace atelier
