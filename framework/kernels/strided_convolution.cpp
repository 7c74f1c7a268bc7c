#include "framework/kernels/strided_convolution.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <array>

#include "framework/kernels/matrix_kernels.h"
#include "framework/kernels/memory_format.h"
#include "framework/kernels/parallel.h"

namespace atelier {
namespace {

/// Sums over all images and places p of big[2 p + tap][c] small[p][k]: K x C x 3 x 3, from N x C x H x W and N x K x h
/// x w with H >= 2 h + 1 and W >= 2 w + 1, channels last.
at::Tensor tap_products(const at::Tensor& big, const at::Tensor& small) {
  const MatrixKernels& kernels = *matrix_kernels();
  const std::int64_t images = big.size(0), c = big.size(1), height = big.size(2), width = big.size(3),
                     k = small.size(1), rows = small.size(2), columns = small.size(3);
  const at::Tensor sums = at::empty({9, c, k}, big.options().memory_format(at::MemoryFormat::Contiguous));
  const float *from = big.const_data_ptr<float>(), *other = small.const_data_ptr<float>();
  float* to = sums.mutable_data_ptr<float>();
  constexpr std::int64_t block = 56;  // channels a thread takes at a time
  const std::int64_t blocks = (c + block - 1) / block;
  parallel_for(0, 9 * blocks, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t item = first; item < last; ++item) {
      const std::int64_t tap = item / blocks, begin = item % blocks * block, count = std::min(block, c - begin);
      for (std::int64_t n = 0; n < images; ++n) {
        for (std::int64_t y = 0; y < rows; ++y) {
          const float* a = from + ((n * height + 2 * y + tap / 3) * width + tap % 3) * c + begin;
          kernels.multiply(count, k, columns, a, 1, 2 * c, other + (n * rows + y) * columns * k, k,
                           to + (tap * c + begin) * k, k, n + y > 0);
        }
      }
    }
  });
  return sums.permute({2, 1, 0}).reshape({k, c, 3, 3});
}

/// One row below and one column to the right.
at::Tensor padded(const at::Tensor& x) { return channels_last(at::constant_pad_nd(x, {0, 1, 0, 1})); }

class StridedConvolution : public torch::autograd::Function<StridedConvolution> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weight, const at::Tensor& bias) {
    const at::Tensor x = channels_last(input);
    context->save_for_backward({x, weight});
    return at::conv2d(x, weight, bias, /*stride=*/2);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], dy = channels_last(gradients[0]);
    at::Tensor dx, dw, db;
    if (context->needs_input_grad(0)) {
      dx = std::get<0>(at::convolution_backward(dy, x, weight, at::OptionalIntArrayRef(), {2, 2}, {0, 0}, {1, 1},
                                                /*transposed=*/false, {0, 0}, /*groups=*/1,
                                                std::array<bool, 3>{true, false, false}));
    }
    if (context->needs_input_grad(1)) dw = tap_products(x, dy);
    if (context->needs_input_grad(2)) db = dy.sum({0, 2, 3});
    return {dx, dw, db};
  }
};

class TransposedStridedConvolution : public torch::autograd::Function<TransposedStridedConvolution> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weight, const at::Tensor& bias) {
    const at::Tensor x = channels_last(input);
    context->save_for_backward({x, weight});
    return at::conv_transpose2d(x, weight, bias, /*stride=*/2).narrow(2, 0, 2 * x.size(2)).narrow(3, 0, 2 * x.size(3));
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &weight = saved[1], dy = padded(gradients[0]);
    at::Tensor dx, dw, db;
    if (context->needs_input_grad(0)) dx = at::conv2d(dy, weight, {}, /*stride=*/2);
    if (context->needs_input_grad(1)) dw = tap_products(dy, x);
    if (context->needs_input_grad(2)) db = gradients[0].sum({0, 2, 3});
    return {dx, dw, db};
  }
};

}  // namespace

bool takes_strided(const at::Tensor& x, const at::Tensor& weight) {
  return x.scalar_type() == at::kFloat && x.is_cpu() && weight.size(2) == 3 && weight.size(3) == 3 &&
         weight.size(0) % 16 == 0 && weight.size(1) % 16 == 0 && matrix_kernels();
}

at::Tensor strided_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return StridedConvolution::apply(x, weight, bias);
}

at::Tensor transposed_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  return TransposedStridedConvolution::apply(x, weight, bias);
}

}  // namespace atelier
