#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "experiments/photo_to_anime/batch_source.h"
#include "experiments/photo_to_anime/data.h"
#include "experiments/photo_to_anime/gan_losses.h"
#include "experiments/photo_to_anime/loss_targets.h"
#include "experiments/photo_to_anime/networks.h"
#include "experiments/photo_to_anime/not_finite.h"
#include "experiments/photo_to_anime/updater.h"
#include "framework/training/captured_step.h"

namespace atelier {

/// Steps of the training proper, without pretraining: `train.steps`, or `train.epochs` over the photos.
std::int64_t training_steps(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data);

/// Everything that a step reads besides networks and what is remembered of them.
struct StepInputs {
  bool pretrains = false;             ///< The generator alone, on the content term.
  std::vector<MicroBatches> batches;  ///< One an update of the discriminator.
  std::vector<at::Tensor> rates;      ///< Of each update of an optimizer, in their order.
  LossWeights weights;                ///< Of this step. What they are changed to counts, also in a captured step.

  /// All tensors, in a fixed order, to be replaced by others of the same shapes.
  std::vector<at::Tensor*> tensors();
};

/// The steps of a training: what they read, the losses and their gradients, the updates.
///
/// As the baseline does it ("joint"): one forward pass of everything, both gradients from the weights before the step,
/// then both updates. Before that, when asked for, steps of the generator alone on the content term.
class GanSteps {
 public:
  /// `data` and `ranks` must outlive it. Throws `UsageError` for what does not fit: weights, data, batch and ranks.
  GanSteps(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data, Communicator& ranks);

  std::int64_t pretrain_steps() const { return pretrain_steps_; }
  std::int64_t train_steps() const { return train_steps_; }
  std::int64_t first_batch(std::int64_t step) const { return batch_number(step, 0); }
  const GanNetworks& networks() const { return networks_; }
  c10::Device device() const { return device_; }

  /// What `compute` returns, by name.
  std::vector<std::string> metric_names(bool pretrains) const;
  /// The learning rates of a step, by name.
  std::map<std::string, double> learning_rates(std::int64_t step) const;

  /// What a step reads. Reads the batches, and counts the updates of the optimizers.
  StepInputs inputs(std::int64_t step);
  /// One update of everything, from `inputs` alone: losses and health, one-dimensional. Collective.
  at::Tensor compute(const StepInputs& inputs) { return inputs.pretrains ? pretrain(inputs) : train(inputs); }
  /// The same, captured and replayed. All inputs of one captured step have the same `pretrains`.
  at::Tensor compute(StepInputs inputs, CapturedStep& captured);

  /// See `Task`.
  std::string first_not_finite() { return not_finite_.first(); }
  void save(TensorMap& model, TensorMap& rest) const;
  void load(const TensorMap& model, const TensorMap& rest);

 private:
  std::int64_t batch_number(std::int64_t step, std::int64_t update) const;
  /// The micro-batches in which this rank computes its part of a batch. `table`: whose terms need targets.
  MicroBatches micro_batches(std::int64_t number, const LossTable* table);
  at::Tensor draw_mix(const PhotoToAnimeBatch& batch) const;
  at::Tensor pretrain(const StepInputs& inputs);
  at::Tensor train(const StepInputs& inputs);

  PhotoToAnimeSpec spec_;
  std::int64_t seed_;
  int ranks_;
  std::unique_ptr<TensorReduction> tensors_over_ranks_;
  std::int64_t first_slot_ = 0, slots_ = 0;  // this rank's part of each batch
  std::int64_t pretrain_steps_ = 0, train_steps_ = 0;
  c10::Device device_;
  GanNetworks networks_;
  GanLosses losses_;
  std::optional<LossTargets> targets_;  // none when no term needs features
  BatchSource batches_;
  Updater generator_, discriminator_;
  LossWeights pretrain_weights_, train_weights_;
  NotFinite not_finite_;
};

}  // namespace atelier
