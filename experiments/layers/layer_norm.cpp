#include "experiments/layers/layer_norm.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace atelier {
namespace {

constexpr double epsilon = 1e-3;
constexpr std::int64_t piece = 16384;  // elements a thread takes at a time, and the unit that fixes the order of a sum
constexpr std::int64_t lanes = 16;     // independent accumulators, which a compiler turns into vector registers
constexpr std::int64_t run = 1024;     // elements added in their own type before the sum goes on in double precision

struct Sums {
  double a = 0, b = 0;
  Sums& operator+=(const Sums& other) {
    a += other.a;
    b += other.b;
    return *this;
  }
};

/// Adds up what `term(i, a, b)` adds to its accumulators for i in [0, n).
template <class T, class Term>
Sums add_up(std::int64_t n, Term term) {
  Sums total;
  for (std::int64_t start = 0; start < n; start += run) {
    const std::int64_t end = std::min(n, start + run), whole = start + (end - start) / lanes * lanes;
    T a[lanes] = {}, b[lanes] = {};
    for (std::int64_t i = start; i < whole; i += lanes) {
      for (std::int64_t k = 0; k < lanes; ++k) term(i + k, a[k], b[k]);
    }
    for (std::int64_t i = whole; i < end; ++i) term(i, a[0], b[0]);
    for (std::int64_t k = 0; k < lanes; ++k) total += {static_cast<double>(a[k]), static_cast<double>(b[k])};
  }
  return total;
}

/// Sums over an image of `n` elements: pieces side by side, then their sums in order, whatever the number of threads.
template <class Piece>
Sums sum_of_pieces(std::int64_t n, Piece sum_piece) {
  const std::int64_t pieces = (n + piece - 1) / piece;
  std::vector<Sums> sums(static_cast<std::size_t>(pieces));
  at::parallel_for(0, pieces, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t p = first; p < last; ++p) {
      sums[static_cast<std::size_t>(p)] = sum_piece(p * piece, std::min(n, (p + 1) * piece));
    }
  });
  Sums total;
  for (const Sums& sum : sums) total += sum;
  return total;
}

/// Mean and deviation of an image. The mean first: squares of differences do not cancel.
template <class T>
Sums moments(const T* x, std::int64_t n) {
  const auto count = static_cast<double>(n);
  const double mean = sum_of_pieces(n, [&](std::int64_t first, std::int64_t last) {
                        const T* from = x + first;
                        return add_up<T>(last - first, [from](std::int64_t i, T& a, T&) { a += from[i]; });
                      }).a / count;
  const T centre = static_cast<T>(mean);
  // Around the rounded mean; the second sum takes back what the rounding changed.
  const Sums around = sum_of_pieces(n, [&](std::int64_t first, std::int64_t last) {
    const T* from = x + first;
    return add_up<T>(last - first, [from, centre](std::int64_t i, T& a, T& b) {
      const T c = from[i] - centre;
      a += c * c;
      b += c;
    });
  });
  const double offset = around.b / count;
  return {static_cast<double>(centre) + offset, std::sqrt(std::max(0.0, around.a / count - offset * offset))};
}

template <class T>
void forward_image(const T* x, T* y, std::int64_t n, const Sums& moment, double gamma, double beta, double slope) {
  const T mean = static_cast<T>(moment.a), scale = static_cast<T>(gamma / (moment.b + epsilon)), shift = static_cast<T>(beta),
          negative = static_cast<T>(slope);
  at::parallel_for(0, n, piece, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const T z = (x[i] - mean) * scale + shift;
      y[i] = z > 0 ? z : z * negative;
    }
  });
}

/// Writes dx; returns the gradients of gamma and beta. With c = x - mean, s = deviation, e = s + epsilon, z the
/// normalised value and dz its gradient: dx = gamma / e * (dz - mean(dz) - c * sum(dz c) / (n s e)).
template <class T>
Sums backward_image(const T* x, const T* dy, T* dx, std::int64_t n, const Sums& moment, double gamma, double beta, double slope) {
  const double e = moment.b + epsilon;
  const T mean = static_cast<T>(moment.a), scale = static_cast<T>(gamma / e), shift = static_cast<T>(beta),
          negative = static_cast<T>(slope);
  // Sums of dz and of dz c.
  const Sums sums = sum_of_pieces(n, [&](std::int64_t first, std::int64_t last) {
    const T *from = x + first, *gradient = dy + first;
    return add_up<T>(last - first, [=](std::int64_t i, T& a, T& b) {
      const T c = from[i] - mean;
      const T dz = c * scale + shift > 0 ? gradient[i] : gradient[i] * negative;
      a += dz;
      b += dz * c;
    });
  });
  const auto count = static_cast<double>(n);
  // An image of one colour has no deviation, and no direction in which it would change.
  const T along = static_cast<T>(moment.b > 0 ? sums.b / (count * moment.b * e) : 0), mean_dz = static_cast<T>(sums.a / count);
  at::parallel_for(0, n, piece, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const T c = x[i] - mean;
      const T dz = c * scale + shift > 0 ? dy[i] : dy[i] * negative;
      dx[i] = scale * (dz - mean_dz - c * along);
    }
  });
  return {sums.b / e, sums.a};
}

class LayerNormLeaky : public torch::autograd::Function<LayerNormLeaky> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input, const at::Tensor& gamma,
                            const at::Tensor& beta, double slope) {
    const at::Tensor x = input.contiguous(input.suggest_memory_format()), y = at::empty_like(x);
    const std::int64_t images = x.size(0), n = x.numel() / std::max<std::int64_t>(images, 1);
    const at::Tensor moment = at::empty({images, 2}, at::kDouble);
    const double g = gamma.item<double>(), b = beta.item<double>();
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "layer_norm_leaky", [&] {
      for (std::int64_t i = 0; i < images; ++i) {
        const scalar_t* from = x.data_ptr<scalar_t>() + i * n;
        const Sums m = moments(from, n);
        moment.data_ptr<double>()[2 * i] = m.a;
        moment.data_ptr<double>()[2 * i + 1] = m.b;
        forward_image(from, y.data_ptr<scalar_t>() + i * n, n, m, g, b, slope);
      }
    });
    context->save_for_backward({x, gamma, beta, moment});
    context->saved_data["slope"] = slope;
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    // Contiguous both: NCHW or channels last, an image's elements lie together, and their order does not matter here.
    const at::Tensor &x = saved[0], &moment = saved[3];
    const double g = saved[1].item<double>(), b = saved[2].item<double>(), slope = context->saved_data["slope"].toDouble();
    const at::Tensor dy = gradients[0].contiguous(x.suggest_memory_format()), dx = at::empty_like(x);
    const std::int64_t images = x.size(0), n = x.numel() / std::max<std::int64_t>(images, 1);
    Sums parameters;
    AT_DISPATCH_FLOATING_TYPES(x.scalar_type(), "layer_norm_leaky_backward", [&] {
      for (std::int64_t i = 0; i < images; ++i) {
        const double* m = moment.data_ptr<double>() + 2 * i;
        parameters += backward_image(x.data_ptr<scalar_t>() + i * n, dy.data_ptr<scalar_t>() + i * n,
                                     dx.data_ptr<scalar_t>() + i * n, n, {m[0], m[1]}, g, b, slope);
      }
    });
    return {dx, at::full_like(saved[1], parameters.a), at::full_like(saved[2], parameters.b), at::Tensor()};
  }
};

}  // namespace

at::Tensor layer_norm_leaky(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, double slope) {
  return LayerNormLeaky::apply(x, gamma, beta, slope);
}

}  // namespace atelier
