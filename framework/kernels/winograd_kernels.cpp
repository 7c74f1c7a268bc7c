#include "framework/kernels/winograd_kernels.h"

#include "framework/kernels/matrix_kernels.h"
#include "framework/kernels/processor.h"

namespace atelier {

extern const WinogradKernels<float> winograd_kernels_avx512[2];
extern const WinogradKernels<float> winograd_kernels_avx2[2];
extern const WinogradKernels<std::uint16_t> winograd_half_kernels_avx512[2];
extern const WinogradKernels<std::uint16_t> winograd_half_kernels_avx2[2];
extern const MatrixKernels matrix_kernels_avx512;
extern const MatrixKernels matrix_kernels_avx2;

namespace {

template <class Pixel>
const WinogradKernels<Pixel>* choose(const WinogradKernels<Pixel>* avx512, const WinogradKernels<Pixel>* avx2,
                                     int tile) {
  const int index = tile == 4 ? 1 : 0;
  if (has_avx512()) return &avx512[index];
  if (has_avx2()) return &avx2[index];
  return nullptr;
}

}  // namespace

template <>
const WinogradKernels<float>* winograd_kernels(int tile) {
  return choose(winograd_kernels_avx512, winograd_kernels_avx2, tile);
}
template <>
const WinogradKernels<std::uint16_t>* winograd_kernels(int tile) {
  return choose(winograd_half_kernels_avx512, winograd_half_kernels_avx2, tile);
}

const MatrixKernels* matrix_kernels() {
  if (has_avx512()) return &matrix_kernels_avx512;
  if (has_avx2()) return &matrix_kernels_avx2;
  return nullptr;
}

}  // namespace atelier
