// Compiled once for each instruction set, the compiler makes vectors of the loops. No function of the standard library
// is used, see winograd_kernels_simd.cpp.
#include "framework/kernels/norm_kernels.h"

namespace atelier {
namespace {

inline float widen(float x) { return x; }
inline double widen(double x) { return x; }
inline float widen(std::uint16_t x) { return __builtin_bit_cast(float, static_cast<std::uint32_t>(x) << 16); }

template <class T>
struct Narrow {
  static T of(T x) { return x; }
};
template <>
struct Narrow<std::uint16_t> {
  /// To the nearest, ties to even.
  static std::uint16_t of(float x) {
    const std::uint32_t bits = __builtin_bit_cast(std::uint32_t, x);
    const std::uint32_t rounded = (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16;
    return static_cast<std::uint16_t>((bits & 0x7FFFFFFF) > 0x7F800000 ? 0x7FC0 : rounded);
  }
};

constexpr std::int64_t run = 128;   // pixels added in the computing type before a sum goes on in double precision
constexpr std::int64_t width = 64;  // channels in registers at a time

/// Calls `pixel(channel, count)`-wide loops: adds up for blocks of channels what `term(i, c, a, b)` gives, where i is
/// the place in memory and c the channel.
template <class C, class Term>
inline void add_up(std::int64_t first, std::int64_t last, std::int64_t channels, double* a, double* b, Term term) {
  for (std::int64_t from = first; from < last; from += run) {
    const std::int64_t to = from + run < last ? from + run : last;
    std::int64_t c = 0;
    for (; c + width <= channels; c += width) {
      C sum_a[width] = {}, sum_b[width] = {};
      for (std::int64_t p = from; p < to; ++p) {
        for (std::int64_t k = 0; k < width; ++k) term(p * channels + c + k, c + k, sum_a[k], sum_b[k]);
      }
      for (std::int64_t k = 0; k < width; ++k) {
        a[c + k] += sum_a[k];
        b[c + k] += sum_b[k];
      }
    }
    for (; c + 16 <= channels; c += 16) {
      C sum_a[16] = {}, sum_b[16] = {};
      for (std::int64_t p = from; p < to; ++p) {
        for (std::int64_t k = 0; k < 16; ++k) term(p * channels + c + k, c + k, sum_a[k], sum_b[k]);
      }
      for (std::int64_t k = 0; k < 16; ++k) {
        a[c + k] += sum_a[k];
        b[c + k] += sum_b[k];
      }
    }
    for (; c < channels; ++c) {
      C sum_a = 0, sum_b = 0;
      for (std::int64_t p = from; p < to; ++p) term(p * channels + c, c, sum_a, sum_b);
      a[c] += sum_a;
      b[c] += sum_b;
    }
  }
}

template <class T, class C>
void sums(const T* x, std::int64_t first, std::int64_t last, std::int64_t channels, const C* shift, double* a,
          double* b) {
  add_up<C>(first, last, channels, a, b, [=](std::int64_t i, std::int64_t c, C& sum_a, C& sum_b) {
    const C d = widen(x[i]) - shift[c];
    sum_a += d;
    sum_b += d * d;
  });
}

template <class T, class C>
void apply(const T* __restrict x, const T* __restrict skip, T* __restrict y, std::int64_t first, std::int64_t last,
           std::int64_t channels, const C* __restrict mean, const C* __restrict scale, const C* __restrict beta,
           C slope) {
  for (std::int64_t p = first; p < last; ++p) {
    const T* from = x + p * channels;
    T* to = y + p * channels;
    if (skip) {
      const T* beside = skip + p * channels;
      for (std::int64_t c = 0; c < channels; ++c) {
        const C z = (widen(from[c]) - mean[c]) * scale[c] + beta[c] + widen(beside[c]);
        to[c] = Narrow<T>::of(z > 0 ? z : z * slope);
      }
    } else {
      for (std::int64_t c = 0; c < channels; ++c) {
        const C z = (widen(from[c]) - mean[c]) * scale[c] + beta[c];
        to[c] = Narrow<T>::of(z > 0 ? z : z * slope);
      }
    }
  }
}

template <class T, class C>
void gradient_sums(const T* x, const T* y, const T* dy, std::int64_t first, std::int64_t last, std::int64_t channels,
                   const C* mean, const C* scale, const C* beta, C slope, double* a, double* b) {
  if (y) {
    add_up<C>(first, last, channels, a, b, [=](std::int64_t i, std::int64_t c, C& sum_a, C& sum_b) {
      const C g = widen(dy[i]), dz = widen(y[i]) > 0 ? g : g * slope;
      sum_a += dz;
      sum_b += dz * (widen(x[i]) - mean[c]);
    });
  } else {
    add_up<C>(first, last, channels, a, b, [=](std::int64_t i, std::int64_t c, C& sum_a, C& sum_b) {
      const C g = widen(dy[i]), centred = widen(x[i]) - mean[c];
      const C dz = centred * scale[c] + beta[c] > 0 ? g : g * slope;
      sum_a += dz;
      sum_b += dz * centred;
    });
  }
}

template <class T, class C>
void gradient(const T* __restrict x, const T* __restrict y, const T* __restrict dy, T* __restrict dx,
              T* __restrict dskip, std::int64_t first, std::int64_t last, std::int64_t channels,
              const C* __restrict mean, const C* __restrict scale, const C* __restrict beta, C slope,
              const C* __restrict offset, const C* __restrict along) {
  for (std::int64_t p = first; p < last; ++p) {
    const T *from = x + p * channels, *g = dy + p * channels;
    T* to = dx + p * channels;
    if (y) {
      const T* out = y + p * channels;
      T* beside = dskip ? dskip + p * channels : nullptr;
      if (beside) {
        for (std::int64_t c = 0; c < channels; ++c) {
          const C dz = widen(out[c]) > 0 ? widen(g[c]) : widen(g[c]) * slope;
          beside[c] = Narrow<T>::of(dz);
          to[c] = Narrow<T>::of(dz * scale[c] - offset[c] - (widen(from[c]) - mean[c]) * along[c]);
        }
      } else {
        for (std::int64_t c = 0; c < channels; ++c) {
          const C dz = widen(out[c]) > 0 ? widen(g[c]) : widen(g[c]) * slope;
          to[c] = Narrow<T>::of(dz * scale[c] - offset[c] - (widen(from[c]) - mean[c]) * along[c]);
        }
      }
    } else {
      for (std::int64_t c = 0; c < channels; ++c) {
        const C centred = widen(from[c]) - mean[c];
        const C dz = centred * scale[c] + beta[c] > 0 ? widen(g[c]) : widen(g[c]) * slope;
        to[c] = Narrow<T>::of(dz * scale[c] - offset[c] - centred * along[c]);
      }
    }
  }
}

template <class T, class C>
constexpr NormKernels<T, C> make_kernels() {
  return {.sums = sums<T, C>, .apply = apply<T, C>, .gradient_sums = gradient_sums<T, C>, .gradient = gradient<T, C>};
}

}  // namespace

#define ATELIER_JOINED(a, b) a##b
#define ATELIER_NAMED(name, variant) ATELIER_JOINED(name, variant)
extern const AllNormKernels ATELIER_NAMED(norm_kernels_, ATELIER_VARIANT);
const AllNormKernels ATELIER_NAMED(norm_kernels_, ATELIER_VARIANT){
    make_kernels<float, float>(), make_kernels<double, double>(), make_kernels<std::uint16_t, float>()};

}  // namespace atelier
