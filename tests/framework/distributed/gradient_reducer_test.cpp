#include "framework/distributed/gradient_reducer.h"

#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "tests/mpi_world.h"

namespace atelier {
namespace {

std::vector<at::Tensor> make_parameters() {
  std::vector<at::Tensor> parameters;
  for (const std::int64_t n : {3, 1000, 7, 20}) parameters.push_back(at::ones({n}, at::kDouble).requires_grad_());
  return parameters;
}

TEST(GradientReducer, SumsGradientsOverRanksStepAfterStep) {
  for (const std::size_t bucket_bytes : {std::size_t{1}, std::size_t{100}, std::size_t{1} << 20}) {
    const std::vector<at::Tensor> parameters = make_parameters();
    GradientReducer reducer(world(), parameters, {.bucket_bytes = bucket_bytes});
    for (int step = 0; step < 3; ++step) {
      at::Tensor loss = at::zeros({}, at::kDouble);
      for (const at::Tensor& p : parameters) loss = loss + (p * static_cast<double>(world().rank() + 1 + step)).sum();
      for (const at::Tensor& p : parameters) p.mutable_grad().reset();
      torch::autograd::backward({loss}, {}, false, false, parameters);
      reducer.wait();
      const int n = world().size();
      for (const at::Tensor& p : parameters) {
        EXPECT_TRUE(at::equal(p.grad(), at::full_like(p, n * (n + 1) / 2.0 + n * step)));
      }
    }
  }
}

TEST(GradientReducer, SaysWhenAParameterGotNoGradient) {
  if (world().size() == 1) return;  // alone there is nothing to wait for
  const std::vector<at::Tensor> parameters = make_parameters();
  GradientReducer reducer(world(), parameters);
  torch::autograd::backward({parameters[0].sum()}, {}, false, false, {parameters[0]});
  EXPECT_THROW(reducer.wait(), Error);
}

}  // namespace
}  // namespace atelier
