// Batch normalisation over ranks, on 1, 2 and 4 of them.
#include <gtest/gtest.h>

#include "experiments/generators/generator.h"
#include "experiments/layers/network_state.h"
#include "experiments/layers/normalization.h"
#include "experiments/photo_to_anime/photo_to_anime.h"
#include "experiments/spec.h"
#include "framework/core/error.h"
#include "tests/error_of.h"
#include "tests/mpi_tensors.h"
#include "tests/scratch_folder.h"
#include "tests/tiny_data.h"

namespace atelier {
namespace {

constexpr std::int64_t channels = 3;

/// Sums a tensor of double precision over the ranks.
at::Tensor over_ranks(const at::Tensor& tensor) {
  const at::Tensor sum = tensor.detach().contiguous().clone();
  tensors_of_world().sum(sum);
  return sum;
}

/// The whole batch, the same on all ranks, and this rank's part of it, of unequal sizes: rank r has 1 + 2 r images.
struct Batch {
  Batch() {
    const std::int64_t r = world().rank(), n = world().size();
    first = r * r;
    count = 2 * r + 1;
    at::manual_seed(3);
    x = at::randn({n * n, channels, 4, 5}, at::kDouble) * at::tensor({1.0, 3.0, 0.1}, at::kDouble).view({1, 3, 1, 1}) +
        2;
    direction = at::randn_like(x);
    gamma = at::tensor({0.5, 2.0, -1.0}, at::kDouble);
    beta = at::tensor({0.1, -0.2, 0.3}, at::kDouble);
  }
  at::Tensor share(const at::Tensor& whole) const { return whole.narrow(0, first, count); }
  std::int64_t first = 0, count = 0;
  at::Tensor x, direction, gamma, beta;
};

std::shared_ptr<Norm> make_batch_norm_of(const Batch& batch) {
  Initializer initializer(0);
  const auto norm = make_norm("batch", channels, {initializer, tensors_of_world(), {}});
  norm->to(at::kDouble);
  const at::NoGradGuard no_grad;
  norm->named_parameters()["gamma"].copy_(batch.gamma);
  norm->named_parameters()["beta"].copy_(batch.beta);
  return norm;
}

TEST(BatchNorm, OverRanksIsThatOfTheWholeBatchForwardAndBackward) {
  const Batch batch;
  // The reference is libtorch's own, of the whole batch in this process.
  const at::Tensor x = batch.x.clone().requires_grad_(), gamma = batch.gamma.clone().requires_grad_(),
                   beta = batch.beta.clone().requires_grad_(), mean = at::zeros({channels}, at::kDouble),
                   variance = at::ones({channels}, at::kDouble);
  const at::Tensor expected =
      at::leaky_relu(at::batch_norm(x, gamma, beta, mean, variance, true, 0.1, 1e-5, false), 0.2);
  (expected * batch.direction).sum().backward();

  for (const bool channels_last : {false, true}) {
    const auto norm = make_batch_norm_of(batch);
    const at::MemoryFormat memory = channels_last ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
    const at::Tensor mine = batch.share(batch.x).clone(memory).requires_grad_();
    const at::Tensor y = norm->forward(mine, Activation::leaky_relu);
    (y * batch.share(batch.direction)).sum().backward();
    EXPECT_TRUE(at::allclose(y, batch.share(expected), 1e-11, 1e-12));
    EXPECT_TRUE(at::allclose(mine.grad(), batch.share(x.grad()), 1e-10, 1e-12));
    EXPECT_TRUE(at::allclose(over_ranks(norm->named_parameters()["gamma"].grad()), gamma.grad(), 1e-10, 1e-12));
    EXPECT_TRUE(at::allclose(over_ranks(norm->named_parameters()["beta"].grad()), beta.grad(), 1e-10, 1e-12));
    EXPECT_TRUE(at::allclose(norm->named_buffers()["running_mean"], mean, 1e-12, 1e-12));
    EXPECT_TRUE(at::allclose(norm->named_buffers()["running_variance"], variance, 1e-12, 1e-12));
  }
}

// Pieces of a batch may leave a rank without images; it must still take part in the sums.
TEST(BatchNorm, ARankWithoutImagesTakesPart) {
  const Batch batch;
  const bool last = world().rank() == world().size() - 1;
  const at::Tensor whole = batch.x.clone().requires_grad_();
  const at::Tensor mine = batch.x.narrow(0, 0, last ? batch.x.size(0) : 0).clone().requires_grad_();
  const at::Tensor expected = at::batch_norm(whole, batch.gamma, batch.beta, {}, {}, true, 0.1, 1e-5, false);
  (expected * batch.direction).sum().backward();
  const auto norm = make_batch_norm_of(batch);
  const at::Tensor y = norm->forward(mine, Activation::none);
  (y * batch.direction.narrow(0, 0, mine.size(0))).sum().backward();
  EXPECT_EQ(y.sizes(), mine.sizes());
  if (last) {
    EXPECT_TRUE(at::allclose(y, expected, 1e-11, 1e-12));
    EXPECT_TRUE(at::allclose(mine.grad(), whole.grad(), 1e-10, 1e-12));
  }
}

TEST(BatchNorm, InSinglePrecisionStaysNearAlsoFarFromZero) {
  const Batch batch;
  Initializer initializer(0);
  const auto norm = make_norm("batch", channels, {initializer, tensors_of_world(), {}});
  const at::Tensor far = (batch.x + 100).to(at::kFloat);
  const at::Tensor expected =
      at::batch_norm(far.to(at::kDouble), {}, {}, {}, {}, /*training=*/true, 0.1, 1e-5, /*cudnn_enabled=*/false);
  EXPECT_TRUE(at::allclose(norm->forward(batch.share(far), Activation::none).to(at::kDouble), batch.share(expected),
                           1e-4, 1e-3));
}

TEST(BatchNorm, EvaluatesByItsRunningMeansWithoutTheOtherRanks) {
  const Batch batch;
  const auto norm = make_batch_norm_of(batch);
  norm->forward(batch.share(batch.x), Activation::none);
  norm->eval();
  const at::Tensor mean = norm->named_buffers()["running_mean"].clone(),
                   variance = norm->named_buffers()["running_variance"].clone();
  if (world().rank() == 0) {  // one rank alone: a collective call would wait forever
    const at::Tensor x = batch.share(batch.x), y = norm->forward(x, Activation::none);
    const auto column = [](const at::Tensor& t) { return t.view({1, -1, 1, 1}); };
    EXPECT_TRUE(at::allclose(
        y, (x - column(mean)) / (column(variance) + 1e-5).sqrt() * column(batch.gamma) + column(batch.beta)));
    EXPECT_TRUE(at::equal(mean, norm->named_buffers()["running_mean"]));
  }
  const auto state = named_state(*norm, "norm");
  ASSERT_EQ(state.size(), 4u);
  EXPECT_EQ(state[2].first, "norm.running_mean");
  EXPECT_EQ(state[3].first, "norm.running_variance");
}

TEST(BatchNorm, RefusesASecondDerivative) {
  const Batch batch;
  const auto norm = make_batch_norm_of(batch);
  const at::Tensor x = batch.share(batch.x).clone().requires_grad_(), y = norm->forward(x, Activation::none);
  const auto differentiate = [&] { torch::autograd::grad({y.square().sum()}, {x}, {}, true, /*create_graph=*/true); };
  EXPECT_NE(error_of<Error>(differentiate).find("no second derivative"), std::string::npos);
}

// A whole network on one rank and on several: the batches' sizes are unequal, so the ranks' norms must weigh them.
TEST(BatchNorm, OfAGeneratorGivesTheWholeBatchsGradients) {
  const std::int64_t n = world().size();
  Initializer initializer(5), same(5);
  const auto alone = make_serial_communicator();
  const auto tensors_of_one = make_tensor_reduction(*alone);
  const GeneratorSpec spec{.kind = "light", .width = 2, .blocks = 1, .norm = "batch"};
  const auto whole = make_generator(spec, {initializer, *tensors_of_one, {}}),
             shared = make_generator(spec, {same, tensors_of_world(), {}});
  whole->to(at::kDouble);
  shared->to(at::kDouble);
  at::manual_seed(9);
  const at::Tensor photos = at::rand({n * n, 3, 16, 16}, at::kDouble), direction = at::randn_like(photos);
  const Batch batch;
  (whole->forward(photos) * direction).sum().backward();
  (shared->forward(batch.share(photos)) * batch.share(direction)).sum().backward();
  const auto expected = whole->named_parameters();
  for (const auto& item : shared->named_parameters()) {
    const at::Tensor gradient = expected[item.key()].grad();
    const double size = gradient.abs().max().item<double>();
    EXPECT_LE((over_ranks(item.value().grad()) - gradient).abs().max().item<double>(), 1e-9 * size + 1e-10)
        << item.key();
  }
}

// Passes of the discriminator, sums of gradients that go on meanwhile, two backward passes: all ranks must meet in the
// same order, and the ranks together take the steps of one.
TEST(BatchNorm, TrainsOnRanksAsOnOne) {
  const ScratchFolder folder;
  make_tiny_experiment(folder.path());
  Document document = Document::from_file(folder / "tiny.toml");
  for (const char* change :
       {"data.batch=5", "generator.norm=batch", "discriminator.norm=batch", "discriminator.kind=multi-scale"}) {
    document.set(change);
  }
  const ExperimentSpec spec = ExperimentSpec::from(document);
  const PhotoToAnimeData data = PhotoToAnimeData::open(spec.as<PhotoToAnimeSpec>().data);
  const auto alone = make_serial_communicator();
  PhotoToAnime one(spec.as<PhotoToAnimeSpec>(), spec.seed, data, *alone),
      shared(spec.as<PhotoToAnimeSpec>(), spec.seed, data, world());
  for (std::int64_t step = 0; step < 3; ++step) {
    const at::Tensor expected = one.step(step).to(at::kDouble), losses = over_ranks(shared.step(step).to(at::kDouble));
    EXPECT_TRUE(at::allclose(losses, expected, 2e-3, 1e-5)) << step << losses << expected;
  }
  TensorMap expected, state, rest;
  one.save(expected, rest);
  shared.save(state, rest);
  for (const auto& [name, tensor] : expected) {
    if (!name.starts_with("generator.") || !name.ends_with("running_mean")) continue;
    EXPECT_TRUE(at::allclose(state.at(name), tensor, 1e-2, 1e-3)) << name;
  }
}

}  // namespace
}  // namespace atelier
