#pragma once

#include <cstdint>

namespace atelier {

/// The shape of a 3x3 convolution of stride 1 with `padding` pixels of zeros around: N x H x W x in to N x (H + 2
/// padding - 2) x (W + 2 padding - 2) x out.
struct WinogradShape {
  std::int64_t images = 0, height = 0, width = 0, in = 0, out = 0;
  std::int64_t padding = 1;
  std::int64_t out_height() const { return height + 2 * padding - 2; }
  std::int64_t out_width() const { return width + 2 * padding - 2; }
};

/// The parts of a convolution after Winograd, for one instruction set. An output tile of m x m pixels comes from a
/// patch of (m + 2) x (m + 2): patches and weights are transformed, their products summed over the channels, which is
/// one matrix product for each of the (m + 2)^2 places, and transformed back: (m + 2)^2 multiplications for the 9 m^2
/// of the direct way.
///
/// All activations are channels last, floats or bfloat16 (`Pixel` is then their 16 bits); everything between reading
/// and writing them is in single precision, weights too. The order of every sum is fixed by the shape: results do not
/// depend on how the tiles are shared among threads, nor an image's on the others. Source: Lavin and Gray, "Fast
/// algorithms for convolutional neural networks", CVPR 2016.
template <class Pixel>
struct WinogradKernels {
  std::int64_t tile = 0;   ///< m
  std::int64_t lanes = 0;  ///< Channels of input and output must be multiples of 16.

  std::int64_t places() const { return (tile + 2) * (tile + 2); }
  std::int64_t tiles(const WinogradShape& s) const {
    return s.images * ((s.out_height() + tile - 1) / tile) * ((s.out_width() + tile - 1) / tile);
  }

  /// Floats of transformed weights.
  std::int64_t weights_size(const WinogradShape& s) const { return places() * s.in * s.out; }
  /// Transforms the weights of output channels [first, last), multiples of `panel()`: `weight` is out x in x 3 x 3.
  /// With `backward` it is in x out x 3 x 3, taken mirrored: the convolution that carries gradients from its output to
  /// its input.
  void (*transform_weights)(const WinogradShape&, const float* weight, bool backward, std::int64_t first,
                            std::int64_t last, float* transformed) = nullptr;
  std::int64_t panel() const { return 2 * lanes; }

  /// Floats of `scratch` for a block of tiles.
  std::int64_t scratch_size(const WinogradShape& s, std::int64_t block) const {
    return places() * block * (s.in + 2 * panel());
  }
  /// Output tiles [first, last). `mask`, of the shape of `x`, takes `x` only where it is above zero; `relu` leaves of
  /// the output only what is above zero. `mask` and `bias` may be null.
  void (*forward)(const WinogradShape&, const Pixel* x, const Pixel* mask, const float* transformed, const float* bias,
                  bool relu, Pixel* y, std::int64_t first, std::int64_t last, float* scratch) = nullptr;

  /// For the gradient of the weights: patches and output gradients of tiles [first, last) to place `first - base` of
  /// the matrices `patches` (places x block x in) and `gradients` (places x block x out).
  void (*transform_pair)(const WinogradShape&, const Pixel* x, const Pixel* dy, std::int64_t first, std::int64_t last,
                         std::int64_t base, std::int64_t block, float* patches, float* gradients) = nullptr;
  /// Adds (or stores, when `add` is false) the products of `count` tiles at one place to `sums` (in x out of that
  /// place).
  void (*multiply_pair)(const WinogradShape&, const float* patches, const float* gradients, std::int64_t count,
                        bool add, float* sums) = nullptr;
  /// The weights' gradient, out x in x 3 x 3, of input channels [first, last) from the sums of all places.
  void (*gradient_back)(const WinogradShape&, const float* sums, std::int64_t first, std::int64_t last,
                        float* gradient) = nullptr;
};

/// For this processor and tiles of 2 or 4 pixels; null when it has neither AVX-512 nor AVX2. `Pixel` is float or
/// std::uint16_t.
template <class Pixel>
const WinogradKernels<Pixel>* winograd_kernels(int tile);

}  // namespace atelier
