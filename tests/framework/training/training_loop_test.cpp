#include "framework/training/training_loop.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "framework/storage/atomic_file.h"
#include "framework/storage/json_lines.h"
#include "tests/scratch_folder.h"

namespace atelier {
namespace {

/// The state is a chaotic map, so a single repeated or lost step shows.
class ChaoticTask : public Task {
 public:
  std::int64_t steps = 20;
  std::int64_t die_at = -1;  ///< Throws before this step, as a crash would.
  std::int64_t nan_at = -1;

  std::int64_t total_steps() const override { return steps; }
  std::string phase(std::int64_t step) const override { return step < 5 ? "pretrain" : "train"; }
  double epoch(std::int64_t step) const override { return static_cast<double>(step) / 10; }
  std::vector<std::string> metric_names(const std::string&) const override { return {"loss.x", "loss.total"}; }
  at::Tensor step(std::int64_t step) override {
    if (step == die_at) throw std::runtime_error("killed");
    state_ = 3.9 * state_ * (1 - state_) + 1e-3 * static_cast<double>(step);
    state_ -= std::floor(state_);
    return at::tensor({step == nan_at ? std::nan("") : state_, 1.0}, at::kDouble);
  }
  std::map<std::string, double> observe(std::int64_t) override { return {}; }
  std::optional<std::string> reason_to_end(const std::map<std::string, double>&) override { return std::nullopt; }
  std::string first_not_finite(std::int64_t) override { return {}; }
  std::map<std::string, double> evaluate() override { return {{"eval.state", state_}}; }
  void write_inputs(const std::filesystem::path& folder) override { write_file(folder / "00.txt", "input"); }
  void write_samples(const std::filesystem::path& folder) override { write_file(folder / "00.txt", std::to_string(state_)); }
  void save(TensorMap& model, TensorMap&) const override { model["state"] = at::tensor({state_}, at::kDouble); }
  void load(const TensorMap& model, const TensorMap&) override { state_ = model.at("state").item<double>(); }
  double state() const { return state_; }

 private:
  double state_ = 0.3;
};

const LoopOptions options{.metrics_every = 3, .samples_every = 10, .checkpoint_every = 4, .evaluate_every = 6};

std::vector<Json> records_without_times(const RunFolder& folder) {
  std::vector<Json> records = read_json_lines(folder.metrics());
  for (Json& record : records) {
    record.erase("time");
    record.erase("speed.images_per_second");
  }
  return records;
}

TEST(TrainingLoop, AnInterruptedRunEqualsAnUninterruptedOne) {
  const auto alone = make_serial_communicator();
  const ScratchFolder whole_place, parts_place;
  const RunFolder whole(whole_place.path()), parts(parts_place.path());
  ChaoticTask uninterrupted;
  const RunResult expected = train(uninterrupted, whole, options, *alone);
  for (const std::int64_t death : {2, 7, 11, 19}) {
    ChaoticTask task;
    task.die_at = death;
    EXPECT_THROW(train(task, parts, options, *alone), std::runtime_error);
  }
  ChaoticTask last;
  const RunResult result = train(last, parts, options, *alone);
  EXPECT_EQ(last.state(), uninterrupted.state());
  EXPECT_EQ(result.values, expected.values);
  EXPECT_EQ(records_without_times(parts), records_without_times(whole));
}

TEST(TrainingLoop, RecordsAreMeansSinceTheLastAndEndWithAPhase) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  ChaoticTask task;
  train(task, RunFolder(place.path()), {.metrics_every = 4}, *alone);
  std::vector<std::int64_t> steps;
  for (const Json& record : read_json_lines(place / "metrics.jsonl")) {
    if (record.contains("loss.total")) {
      EXPECT_EQ(record["loss.total"], 1.0);
      steps.push_back(record["step"]);
    }
  }
  EXPECT_EQ(steps, (std::vector<std::int64_t>{4, 5, 8, 12, 16, 20}));
}

TEST(TrainingLoop, EndsWithTheReasonWhenALossIsNotFinite) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  ChaoticTask task;
  task.nan_at = 7;
  const RunResult result = train(task, RunFolder(place.path()), options, *alone);
  EXPECT_EQ(result.state, "failed");
  EXPECT_EQ(result.reason, "loss.x is nan at step 9");
}

TEST(TrainingLoop, WritesNothingOnceItMustNot) {
  const auto alone = make_serial_communicator();
  const ScratchFolder place;
  LoopOptions guarded = options;
  guarded.before_write = [] { throw std::runtime_error("taken over"); };
  ChaoticTask task;
  EXPECT_THROW(train(task, RunFolder(place.path()), guarded, *alone), std::runtime_error);
  EXPECT_TRUE(read_json_lines(place / "metrics.jsonl").empty());
  EXPECT_FALSE(std::filesystem::exists(place / "checkpoints"));
}

}  // namespace
}  // namespace atelier
