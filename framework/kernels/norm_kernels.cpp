#include "framework/kernels/norm_kernels.h"

namespace atelier {

extern const AllNormKernels norm_kernels_avx512;
extern const AllNormKernels norm_kernels_avx2;
extern const AllNormKernels norm_kernels_plain;

const AllNormKernels& norm_kernels() {
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")) return norm_kernels_avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return norm_kernels_avx2;
  return norm_kernels_plain;
}

}  // namespace atelier
