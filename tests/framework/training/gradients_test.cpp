#include "framework/training/gradients.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace atelier {
namespace {

/// Gradients (3, 4) and ((12)): together of norm 13.
std::vector<at::Tensor> parameters() {
  std::vector<at::Tensor> result{at::zeros({2}).requires_grad_(), at::zeros({1, 1}).requires_grad_(),
                                 at::zeros({7}).requires_grad_()};
  result[0].mutable_grad() = at::tensor({3.0f, 4.0f});
  result[1].mutable_grad() = at::full({1, 1}, 12.0f);
  return result;
}

TEST(Gradients, AreScaledTogetherWhenTheyAreTooLong) {
  const std::vector<at::Tensor> all = parameters();
  EXPECT_EQ(gradient_norm(all).item<float>(), 13);
  EXPECT_EQ(clip_gradients(all, 6.5).item<float>(), 13);
  EXPECT_TRUE(at::allclose(all[0].grad(), at::tensor({1.5f, 2.0f})));
  EXPECT_TRUE(at::allclose(all[1].grad(), at::full({1, 1}, 6.0f)));
  EXPECT_NEAR(gradient_norm(all).item<float>(), 6.5, 1e-5);
}

TEST(Gradients, AreLeftAloneWhenTheyAreShort) {
  const std::vector<at::Tensor> all = parameters();
  clip_gradients(all, 13.5);
  EXPECT_TRUE(at::equal(all[0].grad(), at::tensor({3.0f, 4.0f})));
  all[0].mutable_grad().zero_();
  all[1].mutable_grad().zero_();
  EXPECT_EQ(clip_gradients(all, 1).item<float>(), 0);
  EXPECT_TRUE(at::equal(all[0].grad(), at::zeros({2})));
}

TEST(Gradients, ThatAreNotFiniteShow) {
  for (const float value : {std::numeric_limits<float>::infinity(), std::nanf("")}) {
    const std::vector<at::Tensor> all = parameters();
    all[0].mutable_grad()[0] = value;
    EXPECT_FALSE(std::isfinite(clip_gradients(all, 1).item<float>()));
    EXPECT_TRUE(std::isnan(all[1].grad().item<float>()));
  }
}

}  // namespace
}  // namespace atelier
