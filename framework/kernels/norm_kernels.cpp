#include "framework/kernels/norm_kernels.h"

#include "framework/kernels/processor.h"

namespace atelier {

extern const AllNormKernels norm_kernels_avx512;
extern const AllNormKernels norm_kernels_avx2;
extern const AllNormKernels norm_kernels_plain;

const AllNormKernels& norm_kernels() {
  if (has_avx512()) return norm_kernels_avx512;
  if (has_avx2()) return norm_kernels_avx2;
  return norm_kernels_plain;
}

}  // namespace atelier
