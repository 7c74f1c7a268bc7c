#pragma once

#include <cstdint>

namespace atelier {

/// Matrix products of one instruction set, for the odd strides that convolutions have and BLAS does not.
struct MatrixKernels {
  std::int64_t lanes = 0;  ///< `columns` must be a multiple of it.

  /// c = a b, or c += a b with `add`: `height` x `depth` times `depth` x `columns`. Row r and step d of `a` are at
  /// a[r * a_row + d * a_step], row d of `b` at b + d * b_step, row r of `c` at c + r * c_row. The order of every sum
  /// is that of d.
  void (*multiply)(std::int64_t height, std::int64_t columns, std::int64_t depth, const float* a, std::int64_t a_row,
                   std::int64_t a_step, const float* b, std::int64_t b_step, float* c, std::int64_t c_row,
                   bool add) = nullptr;
};

/// For this processor; null when it has neither AVX-512 nor AVX2.
const MatrixKernels* matrix_kernels();

}  // namespace atelier
