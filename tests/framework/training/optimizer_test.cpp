#include "framework/training/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "framework/core/error.h"
#include "framework/core/suggestion.h"
#include "framework/storage/atomic_file.h"
#include "tests/error_of.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

// The formula of the baseline's facts, written out for one number.
TEST(Adam, IsKerasForm) {
  const double lr = 0.1, beta1 = 0.5, beta2 = 0.999, epsilon = 1e-3;
  const at::Tensor parameter = at::full({1}, 2.0, at::kDouble).requires_grad_();
  const auto adam = make_optimizer({{"p", parameter}}, {.betas = {beta1, beta2}, .epsilon = epsilon});
  double x = 2, m = 0, v = 0;
  for (int t = 1; t <= 5; ++t) {
    const double g = std::cos(t) * 0.01;
    parameter.mutable_grad() = at::full({1}, g, at::kDouble);
    adam->step(lr);
    m = beta1 * m + (1 - beta1) * g;
    v = beta2 * v + (1 - beta2) * g * g;
    x -= lr * std::sqrt(1 - std::pow(beta2, t)) / (1 - std::pow(beta1, t)) * m / (std::sqrt(v) + epsilon);
    EXPECT_NEAR(parameter.item<double>(), x, 1e-14);
    EXPECT_FALSE(parameter.grad().defined());
  }
}

class OptimizerGolden : public testing::Test {
 protected:
  void compare(const char* run, const OptimizerOptions& options) {
    const auto golden =
        nlohmann::json::parse(read_file(ATELIER_SOURCE_DIR "/tests/framework/training/optimizer_golden.json"));
    const at::Tensor p = at::tensor({0.5, -1.25, 2.0, 0.01}, at::kDouble).requires_grad_();
    const auto optimizer = make_optimizer({{"p", p}}, options);
    for (const auto& expected : golden.at(run)) {
      p.mutable_grad() = -3 * at::sin(3 * p.detach()) * at::arange(1, 5, at::kDouble);
      optimizer->step(0.05);
      EXPECT_LE((p.detach() - at::tensor(expected.get<std::vector<double>>(), at::kDouble)).abs().max().item<double>(),
                1e-13);
    }
  }
};

TEST_F(OptimizerGolden, AdamwIsPyTorchs) {
  compare("adamw", {.optimizer = "adamw", .betas = {0.8, 0.99}, .epsilon = 1e-3, .weight_decay = 0.1});
}
TEST_F(OptimizerGolden, SgdIsPyTorchs) {
  compare("sgd", {.optimizer = "sgd", .betas = {0.8, 0.999}, .weight_decay = 0.1});
  compare("sgd_plain", {.optimizer = "sgd", .betas = {0, 0.999}});
}

/// Every optimizer of the catalog.
class Optimizers : public testing::TestWithParam<std::string_view> {
 protected:
  OptimizerOptions options() const {
    return {.optimizer = std::string(GetParam()), .weight_decay = GetParam() == "adam" ? 0 : 0.1};
  }
};

TEST_P(Optimizers, GoOnFromTheirState) {
  const auto run = [&](int first, int last, TensorMap& state, at::Tensor parameter) {
    const auto optimizer = make_optimizer({{"p", parameter}}, options());
    if (first > 0) optimizer->load("o", state);
    for (int t = first; t < last; ++t) {
      parameter.mutable_grad() = at::full({3}, std::sin(t + 1.0));
      optimizer->step(0.01);
    }
    state.clear();
    optimizer->save("o", state);
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

// A parameter that lies as N x H x W x C in memory is updated as any other, whichever way its gradient lies; what is
// saved does not show how it lay.
TEST_P(Optimizers, TakeParametersInAnyMemoryFormat) {
  at::manual_seed(1);
  const at::Tensor start = at::randn({4, 3, 2, 5});
  const at::Tensor plain = start.clone().requires_grad_();
  const at::Tensor last = start.contiguous(at::MemoryFormat::ChannelsLast).requires_grad_();
  ASSERT_NE(plain.strides(), last.strides());
  const auto a = make_optimizer({{"p", plain}}, options()), b = make_optimizer({{"p", last}}, options());
  for (int t = 0; t < 4; ++t) {
    const at::Tensor gradient = at::randn({4, 3, 2, 5});
    plain.mutable_grad() = gradient;
    last.mutable_grad() = t % 2 ? gradient : gradient.contiguous(at::MemoryFormat::ChannelsLast);
    a->step(0.1);
    b->step(0.1);
  }
  EXPECT_TRUE(at::allclose(plain, last, 1e-6, 1e-7));
  TensorMap state;
  b->save("o", state);
  const ScratchFolder place;
  write_tensors(place / "state.safetensors", state);
  const TensorMap read = read_tensors(place / "state.safetensors");
  for (const auto& [name, tensor] : state) EXPECT_TRUE(at::equal(read.at(name), tensor)) << name;
  const auto c = make_optimizer({{"p", last}}, options());
  c->load("o", read);
  TensorMap again;
  c->save("o", again);
  for (const auto& [name, tensor] : state) EXPECT_TRUE(at::equal(again.at(name), tensor)) << name;
}

TEST_P(Optimizers, NameAParameterWithoutGradient) {
  const at::Tensor parameter = at::ones({1}).requires_grad_();
  const auto optimizer = make_optimizer({{"the.name", parameter}}, options());
  EXPECT_EQ(error_of<Error>([&] { optimizer->step(0.1); }), "the parameter the.name got no gradient");
}

INSTANTIATE_TEST_SUITE_P(All, Optimizers, testing::ValuesIn(optimizer_names()),
                         [](const auto& entry) { return std::string(entry.param); });

TEST(MakeOptimizer, RefusesWhatDoesNotFit) {
  EXPECT_EQ(error_of<UsageError>([] { make_optimizer({}, {.optimizer = "none such"}); }),
            "there is no optimizer \"none such\"; choose " + quoted_list(optimizer_names()));
  EXPECT_EQ(error_of<UsageError>([] { make_optimizer({}, {.optimizer = "adam", .weight_decay = 0.1}); }),
            "adam has no weight_decay; adamw and sgd have");
}

}  // namespace
}  // namespace atelier
