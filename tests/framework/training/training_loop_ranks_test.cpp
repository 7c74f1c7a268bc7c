#include <gtest/gtest.h>

#include <cmath>

#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/training/loss_sums.h"
#include "framework/training/training_loop.h"
#include "tests/error_of.h"
#include "tests/mpi_tensors.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

/// Each rank adds its share of 1 to a weight that all hold.
class SharedTask : public Task {
 public:
  std::int64_t drift_at = -1;  ///< The last rank's weight changes alone in this step.
  std::int64_t nan_at = -1;    ///< The last rank's loss is not a number in this step.

  std::int64_t total_steps() const override { return 20; }
  std::string phase(std::int64_t) const override { return "train"; }
  double epoch(std::int64_t) const override { return 0; }
  std::vector<std::string> metric_names(const std::string&) const override { return {"loss"}; }
  at::Tensor step(std::int64_t step) override {
    weight_ += 1;
    if (is_last() && step == drift_at) weight_ += 1e-6;
    const double share = 1.0 / world().size();
    return at::full({1}, is_last() && step == nan_at ? std::nan("") : share, at::kDouble);
  }
  std::map<std::string, double> observe(std::int64_t steps) override {
    return {{"health.steps", static_cast<double>(steps)}};
  }
  std::optional<std::string> reason_to_end(const std::map<std::string, double>& record) override {
    EXPECT_EQ(record.at("loss"), 1);
    return record.at("health.steps") >= end_at ? std::optional<std::string>("enough") : std::nullopt;
  }
  std::string first_not_finite(std::int64_t) override { return is_last() ? "output" : ""; }
  std::map<std::string, double> evaluate() override { return {{"eval.weight", weight_.item<double>()}}; }
  void write_inputs(const std::filesystem::path&) override {}
  void write_samples(const std::filesystem::path&) override {}
  void save(TensorMap& model, TensorMap&) const override { model["weight"] = weight_; }
  void load(const TensorMap& model, const TensorMap&) override { weight_.copy_(model.at("weight")); }
  double end_at = 1000;
  double weight() const { return weight_.item<double>(); }

 private:
  static bool is_last() { return world().rank() == world().size() - 1; }
  at::Tensor weight_ = at::zeros({}, at::kDouble);
};

/// The same folder on all ranks, that of rank 0.
class TrainingLoopRanks : public testing::Test {
 protected:
  RunFolder folder() { return RunFolder(world().broadcast(place_.path().string(), 0)); }
  void TearDown() override { world().barrier(); }
  ScratchFolder place_;
};

TEST_F(TrainingLoopRanks, ARankThatDriftsAwayIsNamed) {
  if (world().size() == 1) return;
  SharedTask task;
  task.drift_at = 6;
  EXPECT_EQ(error_of<Error>([&] { train(task, folder(), {.check_every = 5}, world()); }),
            format("the ranks no longer hold the same numbers: rank {} of {} differs in weight; its memory or network "
                   "may be damaged",
                   world().size() - 1, world().size()));
  EXPECT_NEAR(task.weight(), 10, 1e-5) << "found at the check after step 6, which is that of step 10";
}

TEST_F(TrainingLoopRanks, ALossThatIsNotFiniteOnOneRankEndsAllWithOneReason) {
  SharedTask task;
  task.nan_at = 3;
  const RunResult result = train(task, folder(), {.record = {.metrics_every = 2}}, world());
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_EQ(result.reason, "loss is nan at step 4; the first tensor that is not finite: output");
}

TEST_F(TrainingLoopRanks, TheTasksReasonEndsAllAndTheBestCheckpointIsWritten) {
  SharedTask task;
  task.end_at = 8;
  const RunFolder run = folder();
  const RunResult result = train(task, run,
                                 {.record = {.metrics_every = 4, .evaluate_every = 3, .best = "eval.weight"},
                                  .highest_is_best = true,
                                  .check_every = 2},
                                 world());
  EXPECT_EQ(result.state, TrialState::failed);
  EXPECT_EQ(result.reason, "enough");
  EXPECT_EQ(result.steps, 8);
  world().barrier();
  EXPECT_EQ(run.newest_checkpoint(), 8);
  EXPECT_EQ(run.best_checkpoint(), (BestCheckpoint{6, "eval.weight", 6, true}));
}

TEST(LossSums, EachRankGoesOnWithItsOwn) {
  LossSums sums(tensors_of_world());
  EXPECT_FALSE(sums.rows().defined());
  for (int step = 0; step < 2; ++step) sums.add(at::tensor({1.0, double(world().rank())}, at::kDouble));
  const at::Tensor rows = sums.rows();
  LossSums again(tensors_of_world());
  again.restore(rows, sums.steps());
  EXPECT_EQ(again.steps(), 2);
  EXPECT_TRUE(at::equal(again.rows(), rows));
  const double n = world().size();
  EXPECT_TRUE(at::equal(again.total(), at::tensor({2 * n, n * (n - 1)}, at::kDouble)));
}

// Tests run on 1, 2 and 4 ranks.
TEST(LossSums, OfThreeRanksGoOnOnAnyOtherNumber) {
  LossSums sums(tensors_of_world());
  sums.restore(at::tensor({1.0, 2.0, 3.0, 4.0, 5.0, 6.0}, at::kDouble).reshape({3, 2}), 7);
  EXPECT_EQ(sums.rows().size(0), world().size());
  sums.add(at::full({2}, 0.5 / world().size(), at::kDouble));
  EXPECT_EQ(sums.steps(), 8);
  EXPECT_TRUE(at::equal(sums.total(), at::tensor({9.5, 12.5}, at::kDouble)));
}

}  // namespace
}  // namespace atelier
