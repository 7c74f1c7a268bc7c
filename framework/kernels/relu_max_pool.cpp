#include "framework/kernels/relu_max_pool.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "framework/kernels/memory_format.h"
#include "framework/kernels/parallel.h"

namespace atelier {
namespace {

/// What is not a number wins, so that it is seen in the end.
inline float larger(float a, float b) { return a > b || a != a ? a : b; }

/// Calls `work(corner, below, out)` for all windows, on all threads: where in x a window begins, how much further its
/// second row lies, and where its output is.
template <class Work>
void each_window(const at::Tensor& x, Work work) {
  const std::int64_t channels = x.size(1), width = x.size(3), rows = x.size(2) / 2, columns = width / 2;
  parallel_for(0, x.size(0) * rows, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t r = first; r < last; ++r) {
      const std::int64_t top = (r / rows * x.size(2) + r % rows * 2) * width;
      for (std::int64_t c = 0; c < columns; ++c)
        work((top + 2 * c) * channels, width * channels, (r * columns + c) * channels);
    }
  });
}

/// `Pixel` is float or at::BFloat16.
template <class Pixel>
void pool(const at::Tensor& x, const at::Tensor& y) {
  const std::int64_t channels = x.size(1);
  const Pixel* from = x.const_data_ptr<Pixel>();
  Pixel* to = y.mutable_data_ptr<Pixel>();
  each_window(x, [=](std::int64_t corner, std::int64_t below, std::int64_t out) {
    const Pixel *a = from + corner, *b = a + below;
    for (std::int64_t k = 0; k < channels; ++k) {
      const float largest = larger(larger(a[k], a[channels + k]), larger(b[k], b[channels + k]));
      to[out + k] = largest < 0 ? 0 : largest;  // one of the four, so nothing is rounded
    }
  });
}

template <class Pixel>
void pool_backward(const at::Tensor& x, const at::Tensor& dy, const at::Tensor& dx) {
  const std::int64_t channels = x.size(1);
  const Pixel *from = x.const_data_ptr<Pixel>(), *gradient = dy.const_data_ptr<Pixel>();
  Pixel* to = dx.mutable_data_ptr<Pixel>();
  each_window(x, [=](std::int64_t corner, std::int64_t below, std::int64_t out) {
    const Pixel *a = from + corner, *b = a + below;
    Pixel *da = to + corner, *db = da + below;
    for (std::int64_t k = 0; k < channels; ++k) {
      const float v0 = a[k], v1 = a[channels + k], v2 = b[k], v3 = b[channels + k];
      const float largest = larger(larger(v0, v1), larger(v2, v3));
      const Pixel g = largest > 0 ? gradient[out + k] : Pixel(0);
      // To the first of equal ones, row by row, as libtorch does.
      const bool is0 = v0 == largest, is1 = !is0 && v1 == largest, is2 = !is0 && !is1 && v2 == largest;
      da[k] = is0 ? g : Pixel(0);
      da[channels + k] = is1 ? g : Pixel(0);
      db[k] = is2 ? g : Pixel(0);
      db[channels + k] = !is0 && !is1 && !is2 ? g : Pixel(0);
    }
  });
}

class ReluMaxPool : public torch::autograd::Function<ReluMaxPool> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input) {
    const at::Tensor x = channels_last(input);
    const at::Tensor y =
        at::empty({x.size(0), x.size(1), x.size(2) / 2, x.size(3) / 2}, x.options(), at::MemoryFormat::ChannelsLast);
    x.scalar_type() == at::kBFloat16 ? pool<at::BFloat16>(x, y) : pool<float>(x, y);
    context->save_for_backward({x});
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const at::Tensor x = context->get_saved_variables()[0], dy = channels_last(gradients[0]);
    const bool odd = x.size(2) % 2 || x.size(3) % 2;
    const at::Tensor dx =
        odd ? at::zeros_like(x, at::MemoryFormat::ChannelsLast) : at::empty_like(x, at::MemoryFormat::ChannelsLast);
    x.scalar_type() == at::kBFloat16 ? pool_backward<at::BFloat16>(x, dy, dx) : pool_backward<float>(x, dy, dx);
    return {dx};
  }
};

}  // namespace

at::Tensor relu_max_pool(const at::Tensor& x) {
  const bool takes = x.is_cpu() && (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16);
  if (!takes) return at::max_pool2d(at::relu(x), {2, 2});
  return ReluMaxPool::apply(x);
}

}  // namespace atelier
