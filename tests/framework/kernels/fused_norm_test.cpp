#include "framework/kernels/fused_norm.h"

#include <gtest/gtest.h>

namespace atelier {
namespace {

/// The formula in separate operations, with autograd's own backward. `gamma` and `beta`: 1 x C x 1 x 1 or one number.
at::Tensor written_out(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, const NormOptions& options,
                       double slope, const at::Tensor& skip) {
  const at::Tensor grouped = x.reshape({x.size(0), options.groups, -1});
  const at::Tensor centred = grouped - grouped.mean(2, true), variance = centred.square().mean(2, true);
  const at::Tensor divisor =
      options.beside_deviation ? variance.sqrt() + options.epsilon : (variance + options.epsilon).sqrt();
  at::Tensor y = (centred / divisor).view(x.sizes()) * gamma.view({1, -1, 1, 1}) + beta.view({1, -1, 1, 1});
  if (skip.defined()) y = y + skip;
  return at::leaky_relu(y, slope);
}

TEST(FusedNorm, HasTheValuesAndGradientsOfItsFormula) {
  at::manual_seed(4);
  const std::vector<std::int64_t> shapes[] = {{2, 6, 5, 7}, {1, 80, 33, 20}, {3, 4, 1, 40}};
  for (const auto& shape : shapes) {
    const std::int64_t c = shape[1];
    for (const NormOptions& options :
         {NormOptions{1, 1e-3, true}, NormOptions{c, 1e-5, false}, NormOptions{2, 1e-5, false}}) {
      for (const double slope : {0.2, 1.0}) {
        for (const bool has_skip : {false, true}) {
          const std::int64_t parameters = options.beside_deviation ? 1 : c;
          const at::Tensor data = at::randn(shape, at::kDouble) * 3 + 1, direction = at::randn(shape, at::kDouble);
          std::vector<at::Tensor> results[2];
          for (int i = 0; i < 2; ++i) {
            const at::Tensor x = data.clone().requires_grad_();
            const at::Tensor gamma = at::linspace(0.5, 1.5, parameters, at::kDouble).requires_grad_();
            const at::Tensor beta = at::linspace(-0.3, 0.3, parameters, at::kDouble).requires_grad_();
            const at::Tensor skip = has_skip ? (data.flip(3) / 2).requires_grad_() : at::Tensor();
            const at::Tensor y = (i == 0 ? fused_norm : written_out)(x, gamma, beta, options, slope, skip);
            (y * direction).sum().backward();
            results[i] = {y.detach(), x.grad(), gamma.grad(), beta.grad()};
            if (has_skip) results[i].push_back(skip.grad());
          }
          for (std::size_t k = 0; k < results[0].size(); ++k) {
            EXPECT_TRUE(at::allclose(results[0][k], results[1][k], 1e-10, 1e-11))
                << k << " groups " << options.groups << " slope " << slope;
          }
        }
      }
    }
  }
}

TEST(FusedNorm, TakesBfloat16WithItsOwnRounding) {
  at::manual_seed(6);
  const at::Tensor data = (at::randn({2, 32, 9, 9}) + 2).to(at::kBFloat16), gamma = at::ones({32}),
                   beta = at::zeros({32});
  const at::Tensor x = data.clone().requires_grad_(), exact = data.to(at::kFloat).requires_grad_();
  const at::Tensor y = fused_norm(x, gamma, beta, {.groups = 32}, 0.2),
                   z = fused_norm(exact, gamma, beta, {.groups = 32}, 0.2);
  EXPECT_EQ(y.scalar_type(), at::kBFloat16);
  EXPECT_TRUE(at::equal(y, z.to(at::kBFloat16)));
  y.square().sum().backward();
  z.square().sum().backward();
  EXPECT_LT((x.grad().to(at::kFloat) - exact.grad()).abs().max().item<float>(),
            0.1 * exact.grad().abs().max().item<float>() + 0.05);
}

TEST(FusedNorm, DoesNotDependOnTheNumberOfThreads) {
  at::manual_seed(4);
  const at::Tensor data = at::randn({1, 16, 96, 96}) * 100 + 1000;
  const int threads = at::get_num_threads();
  std::vector<at::Tensor> results;
  for (const int n : {1, 2}) {
    at::set_num_threads(n);
    const at::Tensor x = data.clone().requires_grad_();
    const at::Tensor y = fused_norm(x, at::ones({1}), at::zeros({1}), {}, 0.2);
    y.square().sum().backward();
    results.push_back(y.detach());
    results.push_back(x.grad());
  }
  at::set_num_threads(threads);
  EXPECT_TRUE(at::equal(results[0], results[2]));
  EXPECT_TRUE(at::equal(results[1], results[3]));
}

TEST(FusedNorm, TakesAnImageOfOneColour) {
  for (const bool beside : {false, true}) {
    const at::Tensor x = at::full({1, 2, 4, 4}, 0.5).requires_grad_();
    const at::Tensor y =
        fused_norm(x, at::ones({1}), at::zeros({1}), {.epsilon = 1e-3, .beside_deviation = beside}, 0.2);
    y.sum().backward();
    EXPECT_TRUE(at::isfinite(y).all().item<bool>());
    EXPECT_TRUE(at::isfinite(x.grad()).all().item<bool>());
  }
}

}  // namespace
}  // namespace atelier
