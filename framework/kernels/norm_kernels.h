#pragma once

#include <cstdint>

namespace atelier {

/// Passes over activations, pixels x channels with the channels side by side, for one instruction set and one type of
/// number T (float, double, or the 16 bits of a bfloat16). Per-channel numbers and sums are of the type that is
/// computed in: double for double, float otherwise.
template <class T, class C>
struct NormKernels {
  /// For pixels [first, last): a += sum of (x - shift), b += sum of (x - shift)^2, for each channel.
  void (*sums)(const T* x, std::int64_t first, std::int64_t last, std::int64_t channels, const C* shift, double* a,
               double* b);

  /// y = act((x - mean) * scale + beta + skip): above zero as it is, below times `slope`. `skip` may be null.
  void (*apply)(const T* x, const T* skip, T* y, std::int64_t first, std::int64_t last, std::int64_t channels,
                const C* mean, const C* scale, const C* beta, C slope);

  /// With dz the gradient before the activation, a += sum of dz, b += sum of dz (x - mean). The activation's side is
  /// that of y where it is given, else of (x - mean) * scale + beta.
  void (*gradient_sums)(const T* x, const T* y, const T* dy, std::int64_t first, std::int64_t last,
                        std::int64_t channels, const C* mean, const C* scale, const C* beta, C slope, double* a,
                        double* b);

  /// dx = dz * scale - offset - (x - mean) * along; dskip = dz where it is asked for (may be null).
  void (*gradient)(const T* x, const T* y, const T* dy, T* dx, T* dskip, std::int64_t first, std::int64_t last,
                   std::int64_t channels, const C* mean, const C* scale, const C* beta, C slope, const C* offset,
                   const C* along);
};

struct AllNormKernels {
  NormKernels<float, float> single;
  NormKernels<double, double> twofold;
  NormKernels<std::uint16_t, float> half;  ///< bfloat16
};

/// The best for this processor.
const AllNormKernels& norm_kernels();

}  // namespace atelier
