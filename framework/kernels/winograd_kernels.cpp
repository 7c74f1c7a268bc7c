#include "framework/kernels/winograd_kernels.h"

namespace atelier {

extern const WinogradKernels winograd_kernels_avx512[2];
extern const WinogradKernels winograd_kernels_avx2[2];

const WinogradKernels* winograd_kernels(int tile) {
  const int index = tile == 4 ? 1 : 0;
  if (__builtin_cpu_supports("avx512f")) return &winograd_kernels_avx512[index];
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &winograd_kernels_avx2[index];
  return nullptr;
}

}  // namespace atelier
