#include "framework/kernels/relu_max_pool.h"

#include <gtest/gtest.h>

#include <cmath>

namespace atelier {
namespace {

TEST(ReluMaxPool, IsReluThenMaxPoolAndSoIsItsGradient) {
  at::manual_seed(1);
  for (const std::vector<std::int64_t>& shape : {std::vector<std::int64_t>{2, 5, 6, 8}, {1, 64, 7, 9}, {1, 3, 2, 3}}) {
    // Rounded, so that there are ties and zeros.
    const at::Tensor data = (at::randn(shape) * 2).round();
    const at::Tensor a = data.clone().requires_grad_(), b = data.clone().requires_grad_();
    const at::Tensor y = relu_max_pool(a), z = at::max_pool2d(at::relu(b), {2, 2}), direction = at::randn(y.sizes());
    (y * direction).sum().backward();
    (z * direction).sum().backward();
    EXPECT_TRUE(at::equal(y, z));
    EXPECT_TRUE(at::equal(a.grad(), b.grad()));
    // Maxima and what goes back to them are not rounded.
    const at::Tensor half = data.to(at::kBFloat16).requires_grad_(), h = relu_max_pool(half);
    (h * direction.to(at::kBFloat16)).sum().backward();
    EXPECT_TRUE(at::equal(h.to(at::kFloat), y));
    EXPECT_TRUE(at::equal(half.grad().to(at::kFloat), a.grad().to(at::kBFloat16).to(at::kFloat)));
  }
}

TEST(ReluMaxPool, KeepsWhatIsNotANumber) {
  for (std::int64_t place = 0; place < 4; ++place) {
    const at::Tensor x = at::ones({1, 1, 2, 2});
    x.view({-1})[place] = std::nanf("");
    EXPECT_TRUE(at::isnan(relu_max_pool(x)).all().item<bool>()) << place;
  }
}

}  // namespace
}  // namespace atelier
