#include "framework/training/adam.h"

#include <gtest/gtest.h>

#include <cmath>

#include "framework/core/error.h"

namespace atelier {
namespace {

// The formula of the baseline's facts, written out for one number.
TEST(Adam, IsKerasForm) {
  const double lr = 0.1, beta1 = 0.5, beta2 = 0.999, epsilon = 1e-3;
  const at::Tensor parameter = at::full({1}, 2.0, at::kDouble).requires_grad_();
  Adam adam({{"p", parameter}}, {.beta1 = beta1, .beta2 = beta2, .epsilon = epsilon});
  double x = 2, m = 0, v = 0;
  for (int t = 1; t <= 5; ++t) {
    const double g = std::cos(t) * 0.01;
    parameter.mutable_grad() = at::full({1}, g, at::kDouble);
    adam.step(lr);
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    x -= lr * std::sqrt(1 - std::pow(beta2, t)) / (1 - std::pow(beta1, t)) * m / (std::sqrt(v) + epsilon);
    EXPECT_NEAR(parameter.item<double>(), x, 1e-14);
    EXPECT_FALSE(parameter.grad().defined());
  }
}

TEST(Adam, GoesOnFromItsState) {
  const auto run = [](int first, int last, TensorMap& state, at::Tensor parameter) {
    Adam adam({{"p", parameter}}, {});
    if (first > 0) adam.load("o", state);
    for (int t = first; t < last; ++t) {
      parameter.mutable_grad() = at::full({3}, std::sin(t + 1.0));
      adam.step(0.01);
    }
    state.clear();
    adam.save("o", state);
  };
  TensorMap state;
  const at::Tensor whole = at::ones({3}).requires_grad_(), parts = at::ones({3}).requires_grad_();
  run(0, 10, state, whole);
  run(0, 4, state, parts);
  TensorMap copy;
  for (const auto& [name, tensor] : state) copy[name] = tensor.clone();
  run(4, 10, copy, parts);
  EXPECT_TRUE(at::equal(whole, parts));
}

TEST(Adam, NamesAParameterWithoutGradient) {
  const at::Tensor parameter = at::ones({1}).requires_grad_();
  Adam adam({{"the.name", parameter}}, {});
  try {
    adam.step(0.1);
    FAIL();
  } catch (const Error& problem) {
    EXPECT_STREQ(problem.what(), "the parameter the.name got no gradient");
  }
}

}  // namespace
}  // namespace atelier
