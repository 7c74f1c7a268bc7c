// Compiled once for each instruction set, with ATELIER_LANES floats a vector. No function of the standard library is
// used: what the linker keeps of two equal inline functions could be the one that not every processor can run.
#include "framework/kernels/matrix_kernels.h"
#include "framework/kernels/winograd_kernels.h"

#if ATELIER_LANES == 16
#define ATELIER_ROWS 14  // 28 accumulators of the 32 registers
#define ATELIER_KERNELS winograd_kernels_avx512
#define ATELIER_HALF_KERNELS winograd_half_kernels_avx512
#define ATELIER_MATRIX_KERNELS matrix_kernels_avx512
#else
#define ATELIER_ROWS 6  // 12 of 16
#define ATELIER_KERNELS winograd_kernels_avx2
#define ATELIER_HALF_KERNELS winograd_half_kernels_avx2
#define ATELIER_MATRIX_KERNELS matrix_kernels_avx2
#endif

namespace atelier {
namespace {

constexpr std::int64_t lanes = ATELIER_LANES;
constexpr std::int64_t panel = 2 * lanes;
constexpr int rows = ATELIER_ROWS;

typedef float Vector __attribute__((vector_size(4 * ATELIER_LANES)));
typedef float Loose __attribute__((vector_size(4 * ATELIER_LANES), aligned(4), may_alias));

inline Vector load(const float* p) { return *reinterpret_cast<const Loose*>(p); }
inline void store(float* p, Vector v) { *reinterpret_cast<Loose*>(p) = v; }

typedef std::uint32_t Bits __attribute__((vector_size(4 * ATELIER_LANES)));
typedef std::uint16_t HalfBits __attribute__((vector_size(2 * ATELIER_LANES)));
typedef std::uint16_t LooseHalf __attribute__((vector_size(2 * ATELIER_LANES), aligned(2), may_alias));

/// bfloat16: the upper half of a float.
inline Vector load(const std::uint16_t* p) {
  const HalfBits half = *reinterpret_cast<const LooseHalf*>(p);
  return reinterpret_cast<Vector>(__builtin_convertvector(half, Bits) << 16);
}
/// To the nearest, ties to even; what is not a number stays so.
inline void store(std::uint16_t* p, Vector v) {
  const Bits bits = reinterpret_cast<Bits>(v), rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
  const Bits quiet = Bits{} + 0x7FC0;
  *reinterpret_cast<LooseHalf*>(p) = __builtin_convertvector((v != v) ? quiet : rounded, HalfBits);
}
inline std::int64_t smaller(std::int64_t a, std::int64_t b) { return a < b ? a : b; }

/// c (R x V vectors) = or += a (R x depth) * b (depth x V vectors).
template <int R, int V>
void multiply(std::int64_t depth, const float* a, std::int64_t a_row, std::int64_t a_step, const float* b,
              std::int64_t b_step, float* c, std::int64_t c_row, bool add) {
  Vector sums[R][V];
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) sums[r][v] = add ? load(c + r * c_row + v * lanes) : Vector{};
  }
  for (std::int64_t d = 0; d < depth; ++d) {
    Vector right[V];
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) right[v] = load(b + d * b_step + v * lanes);
#pragma GCC unroll 16
    for (int r = 0; r < R; ++r) {
      const float left = a[r * a_row + d * a_step];
#pragma GCC unroll 2
      for (int v = 0; v < V; ++v) sums[r][v] += right[v] * left;
    }
  }
#pragma GCC unroll 16
  for (int r = 0; r < R; ++r) {
#pragma GCC unroll 2
    for (int v = 0; v < V; ++v) store(c + r * c_row + v * lanes, sums[r][v]);
  }
}

/// The same for any number of rows up to `rows`.
template <int V, int R = rows>
inline void multiply_rows(std::int64_t count, std::int64_t depth, const float* a, std::int64_t a_row,
                          std::int64_t a_step, const float* b, std::int64_t b_step, float* c, std::int64_t c_row,
                          bool add) {
  if (count == R) {
    multiply<R, V>(depth, a, a_row, a_step, b, b_step, c, c_row, add);
  } else if constexpr (R > 1) {
    multiply_rows<V, R - 1>(count, depth, a, a_row, a_step, b, b_step, c, c_row, add);
  }
}

/// A matrix of `height` rows and one panel of columns (or a half one), block of rows by block of rows. Blocks are of
/// nearly one size: 28 rows are 14 + 14, 16 are 8 + 8.
inline void multiply_panel(std::int64_t height, std::int64_t columns, std::int64_t depth, const float* a,
                           std::int64_t a_row, std::int64_t a_step, const float* b, std::int64_t b_step, float* c,
                           std::int64_t c_row, bool add) {
  const std::int64_t blocks = (height + rows - 1) / rows;
  std::int64_t start = 0;
  for (std::int64_t i = 0; i < blocks; ++i) {
    const std::int64_t end = height * (i + 1) / blocks;
    if (columns == panel) {
      multiply_rows<2>(end - start, depth, a + start * a_row, a_row, a_step, b, b_step, c + start * c_row, c_row, add);
    } else {
      multiply_rows<1>(end - start, depth, a + start * a_row, a_row, a_step, b, b_step, c + start * c_row, c_row, add);
    }
    start = end;
  }
}

/// The transforms of one dimension. Points 0, 1, -1 and infinity; for tiles of 4 also 2 and -2.
template <int M>
struct Transform;

template <>
struct Transform<2> {
  template <class T>
  static void patch(const T* d, T* out) {
    out[0] = d[0] - d[2];
    out[1] = d[1] + d[2];
    out[2] = d[2] - d[1];
    out[3] = d[1] - d[3];
  }
  template <class T>
  static void weight(const T* g, T* out) {
    const T even = (g[0] + g[2]) * 0.5f, odd = g[1] * 0.5f;
    out[0] = g[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = g[2];
  }
  template <class T>
  static void back(const T* m, T* out) {
    out[0] = m[0] + m[1] + m[2];
    out[1] = m[1] - m[2] - m[3];
  }
  /// The transpose of `back`.
  template <class T>
  static void gradient(const T* y, T* out) {
    out[0] = y[0];
    out[1] = y[0] + y[1];
    out[2] = y[0] - y[1];
    out[3] = -y[1];
  }
  /// The transpose of `weight`.
  template <class T>
  static void weight_gradient(const T* u, T* out) {
    const T half = (u[1] + u[2]) * 0.5f;
    out[0] = u[0] + half;
    out[1] = (u[1] - u[2]) * 0.5f;
    out[2] = half + u[3];
  }
};

template <>
struct Transform<4> {
  template <class T>
  static void patch(const T* d, T* out) {
    const T a = d[4] - d[2] * 4.0f, b = d[3] - d[1] * 4.0f, c = d[4] - d[2], e = (d[3] - d[1]) * 2.0f;
    out[0] = d[0] * 4.0f - d[2] * 5.0f + d[4];
    out[1] = a + b;
    out[2] = a - b;
    out[3] = c + e;
    out[4] = c - e;
    out[5] = d[1] * 4.0f - d[3] * 5.0f + d[5];
  }
  template <class T>
  static void weight(const T* g, T* out) {
    const T sum = (g[0] + g[2]) * (-1.0f / 6), wide = g[0] * (1.0f / 24) + g[2] * (1.0f / 6);
    out[0] = g[0] * 0.25f;
    out[1] = sum - g[1] * (1.0f / 6);
    out[2] = sum + g[1] * (1.0f / 6);
    out[3] = wide + g[1] * (1.0f / 12);
    out[4] = wide - g[1] * (1.0f / 12);
    out[5] = g[2];
  }
  template <class T>
  static void back(const T* m, T* out) {
    const T a = m[1] + m[2], b = m[1] - m[2], c = m[3] + m[4], e = m[3] - m[4];
    out[0] = m[0] + a + c;
    out[1] = b + e * 2.0f;
    out[2] = a + c * 4.0f;
    out[3] = b + e * 8.0f + m[5];
  }
  template <class T>
  static void gradient(const T* y, T* out) {
    const T even = y[0] + y[2], odd = y[1] + y[3], wide = y[0] + y[2] * 4.0f, far = y[1] * 2.0f + y[3] * 8.0f;
    out[0] = y[0];
    out[1] = even + odd;
    out[2] = even - odd;
    out[3] = wide + far;
    out[4] = wide - far;
    out[5] = y[3];
  }
  template <class T>
  static void weight_gradient(const T* u, T* out) {
    const T near = u[1] + u[2], far = u[3] + u[4];
    out[0] = u[0] * 0.25f - near * (1.0f / 6) + far * (1.0f / 24);
    out[1] = (u[2] - u[1]) * (1.0f / 6) + (u[3] - u[4]) * (1.0f / 12);
    out[2] = (far - near) * (1.0f / 6) + u[5];
  }
};

/// A transform of both dimensions, I x I values to O x O, rows first; the results are at `out[(row * O + column) *
/// step]`.
#define ATELIER_BOTH_DIMENSIONS(name, I, O, one)                   \
  template <int M, class T, class Write>                           \
  inline void name(const T(&in)[I][I], Write write) {              \
    T half[I][O];                                                  \
    for (int i = 0; i < I; ++i) Transform<M>::one(in[i], half[i]); \
    for (int j = 0; j < O; ++j) {                                  \
      T column[I], result[O];                                      \
      for (int i = 0; i < I; ++i) column[i] = half[i][j];          \
      Transform<M>::one(column, result);                           \
      for (int i = 0; i < O; ++i) write(i, j, result[i]);          \
    }                                                              \
  }
ATELIER_BOTH_DIMENSIONS(patch_both, M + 2, M + 2, patch)
ATELIER_BOTH_DIMENSIONS(weight_both, 3, M + 2, weight)
ATELIER_BOTH_DIMENSIONS(back_both, M + 2, M, back)
ATELIER_BOTH_DIMENSIONS(gradient_both, M, M + 2, gradient)
ATELIER_BOTH_DIMENSIONS(weight_gradient_both, M + 2, 3, weight_gradient)
#undef ATELIER_BOTH_DIMENSIONS

template <int M>
struct Tile {
  std::int64_t image, top, left;
  Tile(const WinogradShape& s, std::int64_t number) {
    const std::int64_t across = (s.out_width() + M - 1) / M, down = (s.out_height() + M - 1) / M;
    image = number / (across * down);
    top = number / across % down * M;
    left = number % across * M;
  }
};

/// Images in memory.
template <class Pixel>
struct Pictures {
  const Pixel* data;
  std::int64_t height, width, channels;
};

/// Where the I x I pixels from (top, left) of an image begin; null beyond the border, where zeros are.
template <int I, class Pixel>
inline void find_pixels(const Pictures<Pixel>& x, std::int64_t image, std::int64_t top, std::int64_t left,
                        const Pixel* (&pixels)[I][I]) {
  for (int i = 0; i < I; ++i) {
    for (int j = 0; j < I; ++j) {
      const std::int64_t row = top + i, column = left + j;
      const bool inside = row >= 0 && row < x.height && column >= 0 && column < x.width;
      pixels[i][j] = inside ? x.data + ((image * x.height + row) * x.width + column) * x.channels : nullptr;
    }
  }
}

template <int I, class Pixel>
inline void load_pixels(const Pixel* (&pixels)[I][I], std::int64_t channel, Vector (&out)[I][I]) {
  for (int i = 0; i < I; ++i) {
    for (int j = 0; j < I; ++j) out[i][j] = pixels[i][j] ? load(pixels[i][j] + channel) : Vector{};
  }
}

/// Only where the number `distance` pixels' channels further on is above zero.
template <int I, class Pixel>
inline void load_pixels_masked(const Pixel* (&pixels)[I][I], std::int64_t channel, std::ptrdiff_t distance,
                               Vector (&out)[I][I]) {
  for (int i = 0; i < I; ++i) {
    for (int j = 0; j < I; ++j) {
      if (!pixels[i][j]) {
        out[i][j] = Vector{};
        continue;
      }
      const Vector value = load(pixels[i][j] + channel), mask = load(pixels[i][j] + channel + distance);
      out[i][j] = mask > 0 ? value : Vector{};
    }
  }
}

/// Patches of tiles [first, last) to rows from `row` of places x block x in.
template <int M, class Pixel>
void transform_patches(const WinogradShape& s, const Pixel* x, const Pixel* mask, std::int64_t first, std::int64_t last,
                       std::int64_t row, std::int64_t block, float* patches) {
  constexpr int A = M + 2;
  for (std::int64_t t = first; t < last; ++t, ++row) {
    const Tile<M> tile(s, t);
    const Pixel* pixels[A][A];
    find_pixels<A>(Pictures<Pixel>{x, s.height, s.width, s.in}, tile.image, tile.top - s.padding, tile.left - s.padding,
                   pixels);
    for (std::int64_t c = 0; c < s.in; c += lanes) {
      Vector d[A][A];
      if (mask) {
        load_pixels_masked<A>(pixels, c, mask - x, d);
      } else {
        load_pixels<A>(pixels, c, d);
      }
      patch_both<M>(d, [&](int i, int j, Vector v) { store(patches + ((i * A + j) * block + row) * s.in + c, v); });
    }
  }
}

/// Channels of the other side that are rearranged together: rows of memory are read in pieces that fill cache lines,
/// since their distance is often a power of two, of which a cache holds few.
constexpr std::int64_t batch = 16;

template <int M>
void transform_weights(const WinogradShape& s, const float* weight, bool backward, std::int64_t first,
                       std::int64_t last, float* transformed) {
  constexpr int A = M + 2;
  float taps[batch * 9][lanes];
  for (std::int64_t k = first; k < last; k += panel) {
    const std::int64_t width = smaller(panel, s.out - k);
    for (std::int64_t c = 0; c < s.in; c += batch) {
      for (std::int64_t v = 0; v < width; v += lanes) {
        if (backward) {  // in x out x 3 x 3, mirrored
          for (std::int64_t i = 0; i < batch; ++i) {
            const float* from = weight + ((c + i) * s.out + k + v) * 9;
            for (std::int64_t l = 0; l < lanes; ++l) {
              for (int tap = 0; tap < 9; ++tap) taps[i * 9 + 8 - tap][l] = from[l * 9 + tap];
            }
          }
        } else {  // out x in x 3 x 3
          for (std::int64_t l = 0; l < lanes; ++l) {
            const float* from = weight + ((k + v + l) * s.in + c) * 9;
            for (std::int64_t i = 0; i < batch * 9; ++i) taps[i][l] = from[i];
          }
        }
        for (std::int64_t i = 0; i < batch; ++i) {
          Vector g[3][3];
          for (int tap = 0; tap < 9; ++tap) g[tap / 3][tap % 3] = load(taps[i * 9 + tap]);
          weight_both<M>(g, [&](int row, int column, Vector u) {
            store(transformed + (row * A + column) * s.in * s.out + k * s.in + (c + i) * width + v, u);
          });
        }
      }
    }
  }
}

template <int M, class Pixel>
void forward(const WinogradShape& s, const Pixel* x, const Pixel* mask, const float* transformed, const float* bias,
             bool relu, Pixel* y, std::int64_t first, std::int64_t last, float* scratch) {
  constexpr int A = M + 2;
  constexpr std::int64_t wide = 2 * panel;  // output channels between two transforms back
  const std::int64_t block = last - first;
  float *patches = scratch, *products = scratch + A * A * block * s.in;
  transform_patches<M, Pixel>(s, x, mask, first, last, 0, block, patches);
  for (std::int64_t k = 0; k < s.out; k += wide) {
    const std::int64_t group = smaller(wide, s.out - k);
    for (std::int64_t place = 0; place < A * A; ++place) {
      for (std::int64_t p = 0; p < group; p += panel) {
        const std::int64_t width = smaller(panel, group - p);
        multiply_panel(block, width, s.in, patches + place * block * s.in, s.in, 1,
                       transformed + place * s.in * s.out + (k + p) * s.in, width, products + place * block * wide + p,
                       wide, false);
      }
    }
    for (std::int64_t t = 0; t < block; ++t) {
      const Tile<M> tile(s, first + t);
      const std::int64_t height = s.out_height(), width = s.out_width();
      const std::int64_t down = smaller(M, height - tile.top), across = smaller(M, width - tile.left);
      Pixel* corner = y + ((tile.image * height + tile.top) * width + tile.left) * s.out + k;
      for (std::int64_t v = 0; v < group; v += lanes) {
        Vector m[A][A];
        for (int place = 0; place < A * A; ++place)
          m[place / A][place % A] = load(products + (place * block + t) * wide + v);
        const Vector shift = bias ? load(bias + k + v) : Vector{};
        back_both<M>(m, [&](int i, int j, Vector value) {
          if (i >= down || j >= across) return;
          value += shift;
          if (relu) value = value < 0 ? Vector{} : value;  // what is not a number stays so
          store(corner + (i * width + j) * s.out + v, value);
        });
      }
    }
  }
}

template <int M, class Pixel>
void transform_pair(const WinogradShape& s, const Pixel* x, const Pixel* dy, std::int64_t first, std::int64_t last,
                    std::int64_t base, std::int64_t block, float* patches, float* gradients) {
  constexpr int A = M + 2;
  transform_patches<M, Pixel>(s, x, nullptr, first, last, first - base, block, patches);
  for (std::int64_t t = first; t < last; ++t) {
    const Tile<M> tile(s, t);
    const Pixel* pixels[M][M];
    find_pixels<M>(Pictures<Pixel>{dy, s.out_height(), s.out_width(), s.out}, tile.image, tile.top, tile.left, pixels);
    for (std::int64_t k = 0; k < s.out; k += lanes) {
      Vector d[M][M];
      load_pixels<M>(pixels, k, d);
      gradient_both<M>(
          d, [&](int i, int j, Vector v) { store(gradients + ((i * A + j) * block + t - base) * s.out + k, v); });
    }
  }
}

void multiply_matrix(std::int64_t height, std::int64_t columns, std::int64_t depth, const float* a, std::int64_t a_row,
                     std::int64_t a_step, const float* b, std::int64_t b_step, float* c, std::int64_t c_row, bool add) {
  for (std::int64_t k = 0; k < columns; k += panel) {
    multiply_panel(height, smaller(panel, columns - k), depth, a, a_row, a_step, b + k, b_step, c + k, c_row, add);
  }
}

template <int M>
void multiply_pair(const WinogradShape& s, const float* patches, const float* gradients, std::int64_t count, bool add,
                   float* sums) {
  multiply_matrix(s.in, s.out, count, patches, 1, s.in, gradients, s.out, sums, s.out, add);
}

template <int M>
void gradient_back(const WinogradShape& s, const float* sums, std::int64_t first, std::int64_t last, float* gradient) {
  constexpr int A = M + 2;
  float taps[lanes][batch * 9];
  for (std::int64_t c = first; c < last; c += batch) {
    const std::int64_t count = smaller(batch, last - c);
    for (std::int64_t k = 0; k < s.out; k += lanes) {
      for (std::int64_t n = 0; n < count; ++n) {
        Vector u[A][A];
        for (int place = 0; place < A * A; ++place)
          u[place / A][place % A] = load(sums + (place * s.in + c + n) * s.out + k);
        weight_gradient_both<M>(u, [&](int i, int j, Vector v) {
          for (std::int64_t l = 0; l < lanes; ++l) taps[l][n * 9 + i * 3 + j] = v[l];
        });
      }
      for (std::int64_t l = 0; l < lanes; ++l) {
        float* to = gradient + ((k + l) * s.in + c) * 9;
        for (std::int64_t i = 0; i < count * 9; ++i) to[i] = taps[l][i];
      }
    }
  }
}

template <int M, class Pixel>
constexpr WinogradKernels<Pixel> make_kernels() {
  return {.tile = M,
          .lanes = lanes,
          .transform_weights = transform_weights<M>,
          .forward = forward<M, Pixel>,
          .transform_pair = transform_pair<M, Pixel>,
          .multiply_pair = multiply_pair<M>,
          .gradient_back = gradient_back<M>};
}

}  // namespace

extern const WinogradKernels<float> ATELIER_KERNELS[2];
const WinogradKernels<float> ATELIER_KERNELS[2] = {make_kernels<2, float>(), make_kernels<4, float>()};
extern const WinogradKernels<std::uint16_t> ATELIER_HALF_KERNELS[2];
const WinogradKernels<std::uint16_t> ATELIER_HALF_KERNELS[2] = {make_kernels<2, std::uint16_t>(),
                                                                make_kernels<4, std::uint16_t>()};

extern const MatrixKernels ATELIER_MATRIX_KERNELS;
const MatrixKernels ATELIER_MATRIX_KERNELS{lanes, multiply_matrix};

}  // namespace atelier
