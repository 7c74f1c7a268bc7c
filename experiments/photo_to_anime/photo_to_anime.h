#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "experiments/evaluation/evaluator.h"
#include "experiments/photo_to_anime/data.h"
#include "experiments/photo_to_anime/step.h"
#include "framework/training/captured_step.h"
#include "framework/training/failure_monitor.h"
#include "framework/training/moving_average.h"
#include "framework/training/task.h"

namespace atelier {

/// Training a generator that turns photographs into anime against a discriminator, in `GanSteps`.
class PhotoToAnime : public Task {
 public:
  /// `data` and `ranks` must outlive it. Throws `UsageError` for what does not fit: weights, data, batch and ranks.
  PhotoToAnime(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data, Communicator& ranks);

  /// Steps are captured after their first times, and then replayed: see `CapturedStep`. For one rank alone.
  void capture_steps(const std::function<std::unique_ptr<GraphCapture>()>& make_capture);

  std::int64_t total_steps() const override { return steps_.pretrain_steps() + steps_.train_steps(); }
  std::string phase(std::int64_t step) const override { return step < steps_.pretrain_steps() ? "pretrain" : "train"; }
  double epoch(std::int64_t step) const override;
  std::vector<std::string> metric_names(const std::string& phase) const override {
    return steps_.metric_names(phase == "pretrain");
  }
  at::Tensor step(std::int64_t step) override;
  std::map<std::string, double> observe(std::int64_t steps) override;
  std::optional<std::string> reason_to_end(const std::map<std::string, double>& record) override;
  std::string first_not_finite(std::int64_t) override { return steps_.first_not_finite(); }
  std::map<std::string, double> evaluate() override;
  void write_inputs(const std::filesystem::path& folder) override;
  void write_samples(const std::filesystem::path& folder) override;
  void save(TensorMap& model, TensorMap& rest) const override;
  void load(const TensorMap& model, const TensorMap& rest) override;

  c10::Device device() const { return steps_.device(); }

 private:
  /// Evaluation mode, with the moving average's weights where there is one, while it lives.
  class EvaluationGuard;
  /// Calls `show(number, photo)` for the validation photos that are shown, whole: 1 x 3 x H x W.
  template <class Show>
  void each_sample(Show show) const;

  PhotoToAnimeSpec spec_;
  const PhotoToAnimeData& data_;
  Communicator& ranks_;
  GanSteps steps_;
  Evaluator evaluator_;
  std::optional<MovingAverage> average_;
  FailureMonitor health_;
  std::optional<CapturedStep> captured_pretrain_, captured_train_;  // none: each step is computed as it is written
};

}  // namespace atelier
