#include <gtest/gtest.h>

#include <cmath>

#include "experiments/evaluation/evaluator.h"
#include "experiments/evaluation/measures.h"
#include "framework/core/format.h"
#include "tests/experiments/named_numbers.h"
#include "tests/mpi_world.h"

namespace atelier {
namespace {

class EvaluatorOnRanks : public testing::TestWithParam<std::int64_t> {
 protected:
  static at::Tensor pictures(const std::string& name, std::int64_t n) {
    return numbers(name, {n, 3, 16, 16}, 0.5, 0.5);
  }
  static at::Tensor share_of(const at::Tensor& images, const Communicator& ranks) {
    const std::int64_t first = images.size(0) * ranks.rank() / ranks.size();
    return images.narrow(0, first, images.size(0) * (ranks.rank() + 1) / ranks.size() - first);
  }
  static std::map<std::string, double> measure(std::int64_t photos, Communicator& ranks) {
    const FeaturesSpec features{.network = "vgg16", .weights = "random"};
    const EvaluateSpec spec{.content_layer = "conv2_1", .style_layers = {"conv1_2"}, .pooled_layer = "conv2_2"};
    return Evaluator(features, spec)
        .measure(
            {share_of(pictures("photos", photos), ranks), share_of(pictures("anime", 9), ranks),
             share_of(pictures("truth", photos), ranks)},
            [](const at::Tensor& x) { return x.square(); }, ranks);
  }
};

TEST_P(EvaluatorOnRanks, GivesTheNumbersOfOneProcess) {
  const auto together = measure(GetParam(), world()), alone = measure(GetParam(), *make_serial_communicator());
  EXPECT_EQ(together.size(), Measures{evaluation_measures()}.results().size());
  for (const auto& [name, value] : alone) EXPECT_NEAR(together.at(name), value, 1e-5 * std::abs(value) + 1e-6) << name;
}

TEST_P(EvaluatorOnRanks, GivesEveryRankTheSameBits) {
  std::string text;
  for (const auto& [name, value] : measure(GetParam(), world())) text += format("{} {:a}\n", name, value);
  for (const std::string& other : world().gather(text)) EXPECT_EQ(other, text);
}

// With 2 photos some ranks of 4 have none.
INSTANTIATE_TEST_SUITE_P(Photos, EvaluatorOnRanks, testing::Values(2, 11));

}  // namespace
}  // namespace atelier
