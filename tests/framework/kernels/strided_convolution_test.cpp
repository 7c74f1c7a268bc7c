#include "framework/kernels/strided_convolution.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

template <class Convolve>
std::vector<at::Tensor> run(at::ScalarType type, const std::vector<at::Tensor>& inputs, const at::Tensor& direction,
                            Convolve convolve) {
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& input : inputs) leaves.push_back(input.to(type).detach().clone().requires_grad_());
  const at::Tensor y = convolve(leaves[0], leaves[1], leaves[2]);
  (y * direction.to(type)).sum().backward();
  return {y.detach(), leaves[0].grad(), leaves[1].grad(), leaves[2].grad()};
}

void expect_near(const std::vector<at::Tensor>& ours, const std::vector<at::Tensor>& exact) {
  for (std::size_t i = 0; i < exact.size(); ++i) {
    const double difference =
        ((ours[i].to(at::kDouble) - exact[i]).abs().max() / exact[i].square().mean().sqrt()).item<double>();
    EXPECT_LT(difference, 1e-5) << i;
  }
}

TEST(StridedConvolution, IsLibtorchsWithItsGradients) {
  at::manual_seed(1);
  for (const std::int64_t channels : {16, 64}) {
    const std::vector<at::Tensor> inputs{at::randn({2, channels, 11, 19}), at::randn({48, channels, 3, 3}),
                                         at::randn({48})};
    const at::Tensor direction = at::randn({2, 48, 5, 9});
    const auto exact = run(at::kDouble, inputs, direction,
                           [](const auto& x, const auto& w, const auto& b) { return at::conv2d(x, w, b, 2); });
    expect_near(run(at::kFloat, inputs, direction, strided_convolution), exact);
  }
}

TEST(TransposedConvolution, IsLibtorchsCutToTwiceTheSize) {
  at::manual_seed(2);
  const std::vector<at::Tensor> inputs{at::randn({2, 64, 5, 7}), at::randn({64, 32, 3, 3}), at::randn({32})};
  const at::Tensor direction = at::randn({2, 32, 10, 14});
  const auto exact = run(at::kDouble, inputs, direction, [](const auto& x, const auto& w, const auto& b) {
    return at::conv_transpose2d(x, w, b, 2).narrow(2, 0, 10).narrow(3, 0, 14);
  });
  expect_near(run(at::kFloat, inputs, direction, transposed_convolution), exact);
}

TEST(StridedConvolution, DoesNotDependOnTheNumberOfThreads) {
  at::manual_seed(3);
  const std::vector<at::Tensor> inputs{at::randn({1, 64, 33, 33}), at::randn({64, 64, 3, 3}), at::randn({64})};
  const at::Tensor direction = at::randn({1, 64, 16, 16});
  const int threads = at::get_num_threads();
  std::vector<at::Tensor> gradients;
  for (const int n : {1, 2, 3}) {
    at::set_num_threads(n);
    gradients.push_back(run(at::kFloat, inputs, direction, strided_convolution)[2]);
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(gradients[0], gradients[1]) && at::equal(gradients[0], gradients[2]));
}

}  // namespace
}  // namespace atelier
