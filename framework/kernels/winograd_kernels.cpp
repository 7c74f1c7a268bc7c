#include "framework/kernels/winograd_kernels.h"

#include "framework/kernels/matrix_kernels.h"
#include "framework/kernels/processor.h"

namespace atelier {

extern const WinogradKernels winograd_kernels_avx512[2];
extern const WinogradKernels winograd_kernels_avx2[2];
extern const MatrixKernels matrix_kernels_avx512;
extern const MatrixKernels matrix_kernels_avx2;

const WinogradKernels* winograd_kernels(int tile) {
  const int index = tile == 4 ? 1 : 0;
  if (has_avx512()) return &winograd_kernels_avx512[index];
  if (has_avx2()) return &winograd_kernels_avx2[index];
  return nullptr;
}

const MatrixKernels* matrix_kernels() {
  if (has_avx512()) return &matrix_kernels_avx512;
  if (has_avx2()) return &matrix_kernels_avx2;
  return nullptr;
}

}  // namespace atelier
