#include "framework/distributed/gradient_reducer.h"

#include <gtest/gtest.h>

#include "framework/core/error.h"
#include "tests/mpi_tensors.h"

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
    GradientReducer reducer(tensors_of_world(), parameters, {.bucket_bytes = bucket_bytes});
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

// The numbers are small and whole, so that sums are exact in any order.
TEST(GradientReducer, PiecesOfABatchAddUpToTheWholeBatch) {
  const int n = world().size(), rank = world().rank();
  const std::int64_t batch = 8, share = batch / n;
  const at::Tensor all = at::arange(batch * 6, at::kDouble).reshape({batch, 6}).remainder(7);
  // A tensor without ranks, and all at once, for comparison.
  const at::Tensor alone = at::ones({6, 4}, at::kDouble).requires_grad_();
  torch::autograd::backward({all.mm(alone).pow(2).sum()}, {}, false, false, {alone});
  for (const std::int64_t pieces : {std::int64_t{1}, std::int64_t{2}, share}) {
    if (share % pieces != 0) continue;
    const at::Tensor weight = at::ones({6, 4}, at::kDouble).requires_grad_();
    GradientReducer reducer(tensors_of_world(), {weight});
    for (int step = 0; step < 2; ++step) {
      weight.mutable_grad().reset();
      for (std::int64_t piece = 0; piece < pieces; ++piece) {
        reducer.set_no_sync(piece + 1 < pieces);
        const at::Tensor part = all.narrow(0, rank * share + piece * share / pieces, share / pieces);
        torch::autograd::backward({part.mm(weight).pow(2).sum()}, {}, false, false, {weight});
      }
      reducer.wait();
      EXPECT_TRUE(at::equal(weight.grad(), alone.grad())) << pieces << " pieces";
    }
  }
}

TEST(GradientReducer, SeveralShareACommunicatorAndABackwardPass) {
  const std::vector<at::Tensor> a = make_parameters(), b = make_parameters();
  GradientReducer first(tensors_of_world(), a, {.bucket_bytes = 100}),
      second(tensors_of_world(), b, {.bucket_bytes = 100});
  const double n = world().size(), own = world().rank() + 1;
  for (int step = 0; step < 2; ++step) {
    at::Tensor loss = at::zeros({}, at::kDouble);
    for (std::size_t i = 0; i < a.size(); ++i) loss = loss + a[i].sum() * own + b[i].sum() * (2 * own);
    std::vector<at::Tensor> both = a;
    both.insert(both.end(), b.begin(), b.end());
    for (const at::Tensor& p : both) p.mutable_grad().reset();
    torch::autograd::backward({loss}, {}, false, false, both);
    second.wait();
    first.wait();
    for (const at::Tensor& p : a) EXPECT_TRUE(at::equal(p.grad(), at::full_like(p, n * (n + 1) / 2)));
    for (const at::Tensor& p : b) EXPECT_TRUE(at::equal(p.grad(), at::full_like(p, n * (n + 1))));
  }
}

TEST(GradientReducer, TakesParametersInAnyMemoryFormat) {
  const at::Tensor weight = at::ones({4, 3, 2, 5}).contiguous(at::MemoryFormat::ChannelsLast).requires_grad_();
  GradientReducer reducer(tensors_of_world(), {weight});
  const at::Tensor factor = at::arange(120, at::kFloat).reshape({4, 3, 2, 5});
  torch::autograd::backward({(weight * factor).sum()}, {}, false, false, {weight});
  reducer.wait();
  EXPECT_TRUE(at::equal(weight.grad(), factor * world().size()));
}

TEST(GradientReducer, SaysWhenAParameterGotNoGradient) {
  if (world().size() == 1) return;  // alone there is nothing to wait for
  const std::vector<at::Tensor> parameters = make_parameters();
  GradientReducer reducer(tensors_of_world(), parameters);
  torch::autograd::backward({parameters[0].sum()}, {}, false, false, {parameters[0]});
  EXPECT_THROW(reducer.wait(), Error);
}

}  // namespace
}  // namespace atelier
