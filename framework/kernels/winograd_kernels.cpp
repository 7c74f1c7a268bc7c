#include "framework/kernels/winograd_kernels.h"

#include "framework/kernels/matrix_kernels.h"

namespace atelier {

extern const WinogradKernels winograd_kernels_avx512[2];
extern const WinogradKernels winograd_kernels_avx2[2];
extern const MatrixKernels matrix_kernels_avx512;
extern const MatrixKernels matrix_kernels_avx2;

const WinogradKernels* winograd_kernels(int tile) {
  const int index = tile == 4 ? 1 : 0;
  if (__builtin_cpu_supports("avx512f")) return &winograd_kernels_avx512[index];
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &winograd_kernels_avx2[index];
  return nullptr;
}

const MatrixKernels* matrix_kernels() {
  if (__builtin_cpu_supports("avx512f")) return &matrix_kernels_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &matrix_kernels_avx2;
  return nullptr;
}

}  // namespace atelier
