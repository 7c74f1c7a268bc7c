#pragma once

#include <memory>
#include <optional>

#include "experiments/batch_source.h"
#include "experiments/discriminators/discriminator.h"
#include "experiments/evaluation/evaluator.h"
#include "experiments/features/feature_network.h"
#include "experiments/generators/generator.h"
#include "experiments/health/health_monitor.h"
#include "experiments/loss_targets.h"
#include "experiments/losses/adversarial.h"
#include "experiments/photo_to_anime_data.h"
#include "framework/distributed/gradient_reducer.h"
#include "framework/training/moving_average.h"
#include "framework/training/optimizer.h"
#include "framework/training/schedule.h"
#include "framework/training/task.h"

namespace atelier {

/// The weights of one step's losses. They are inputs of the step, not constants of the program.
struct LossWeights {
  double adversarial = 1, penalty = 0, smooth = 1, content = 10, style = 1, color = 0, tv = 0, identity = 0;
  static LossWeights of(const LossSpec& spec);
};

/// The frozen network of a spec's losses; none when no term needs one. Throws `UsageError` as `FeatureNetwork` does.
std::optional<FeatureNetwork> make_loss_features(const PhotoToAnimeSpec& spec);

/// Steps of the training proper, without pretraining: `train.steps`, or `train.epochs` over the photos.
std::int64_t training_steps(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data);

/// Training a generator that turns photographs into anime against a discriminator. As the baseline does it ("joint"): one
/// forward pass of everything, both gradients from the weights before the step, then both updates. Before that, when asked
/// for, the generator alone on the content term.
class PhotoToAnime : public Task {
 public:
  /// `data` and `ranks` must outlive it. Throws `UsageError` for what does not fit: weights, data, batch and ranks.
  PhotoToAnime(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data, Communicator& ranks);

  std::int64_t total_steps() const override { return pretrain_steps_ + train_steps_; }
  std::string phase(std::int64_t step) const override { return step < pretrain_steps_ ? "pretrain" : "train"; }
  double epoch(std::int64_t step) const override;
  std::vector<std::string> metric_names(const std::string& phase) const override;
  at::Tensor step(std::int64_t step) override;
  std::map<std::string, double> observe(std::int64_t steps) override;
  std::optional<std::string> reason_to_end(const std::map<std::string, double>& record) override;
  std::string first_not_finite(std::int64_t steps) override;
  std::map<std::string, double> evaluate() override;
  void write_inputs(const std::filesystem::path& folder) override;
  void write_samples(const std::filesystem::path& folder) override;
  void save(TensorMap& model, TensorMap& rest) const override;
  void load(const TensorMap& model, const TensorMap& rest) override;

  /// The gradients of one joint step's losses into the parameters' `grad()`, without the update; the losses in the order of
  /// `loss_names`. `share`: this rank's part of the global batch.
  at::Tensor pretrain_gradients(const PhotoToAnimeBatch& batch, double share);
  at::Tensor train_gradients(const PhotoToAnimeBatch& batch, const LossWeights& weights, double share);
  std::vector<std::string> loss_names(const std::string& phase) const;

  Generator& generator() { return *networks_.generator; }
  Discriminator& discriminator() { return *networks_.discriminator; }
  c10::Device device() const { return device_; }
  /// Loss targets that were computed rather than read from files so far.
  std::int64_t computed_targets() const { return targets_ ? targets_->computed() : 0; }
  /// All networks in another precision, to compare gradients; the optimizers stay as they are, so `step` is not for it.
  void to(at::ScalarType type);

 private:
  struct Networks {
    Networks(const PhotoToAnimeSpec& spec, std::int64_t seed, Communicator& ranks, c10::Device device);
    std::shared_ptr<Generator> generator;
    std::shared_ptr<Discriminator> discriminator;
  };
  /// A network's parameters and what updates them.
  struct Updater {
    Updater(const torch::nn::Module& network, const char* name, const OptimizerSpec& spec, std::int64_t steps, Communicator& ranks);
    std::vector<at::Tensor> parameters;
    Schedule schedule;
    std::unique_ptr<Optimizer> optimizer;
    GradientReducer reducer;
    /// Waits for the sum over ranks, clips, updates. The norm of the gradient before clipping.
    at::Tensor update(double lr, double clip);
  };
  struct DiscriminatorLosses {
    std::vector<at::Tensor> terms;  ///< In the order of `loss_names`, the total last.
    at::Tensor lead;
    at::Tensor total() const { return terms.back(); }
  };

  std::int64_t batch_number(std::int64_t step, std::int64_t update) const;
  at::Tensor cast(const at::Tensor& x) const;
  at::Tensor generate(const at::Tensor& photo);
  /// Runs `work(piece, share)` for the pieces of this rank's part of a batch, gradients summed over ranks after the last;
  /// the sum of what it returns.
  template <class Work>
  at::Tensor in_pieces(const PhotoToAnimeBatch& batch, std::initializer_list<GradientReducer*> reducers, Work work);
  DiscriminatorLosses discriminator_losses(const PhotoToAnimeBatch& batch, const at::Tensor& output,
                                           const std::vector<at::Tensor>& output_logits, const LossWeights& weights);
  std::vector<at::Tensor> generator_losses(const PhotoToAnimeBatch& batch, const at::Tensor& output,
                                           const std::vector<at::Tensor>& output_logits, const LossWeights& weights);
  at::Tensor joint_gradients(const PhotoToAnimeBatch& batch, const LossWeights& weights, double share);
  at::Tensor pretrain_step(std::int64_t step);
  at::Tensor train_step(std::int64_t step);
  void after_generator_update();
  void remember_not_finite(const at::Tensor& losses, const std::string& phase, const PhotoToAnimeBatch& batch);
  void look_for_not_finite(const at::Tensor& losses, const std::string& phase, const PhotoToAnimeBatch& batch);
  /// In the order in which a step computes them.
  void find_not_finite(const at::Tensor& losses, const std::string& phase, const PhotoToAnimeBatch& batch);
  /// Evaluation mode, with the moving average's weights where there is one, while it lives.
  class Evaluating;
  /// Calls `show(number, photo)` for the validation photos that are shown, whole: 1 x 3 x H x W.
  template <class Show>
  void each_sample(Show show) const;

  PhotoToAnimeSpec spec_;
  std::int64_t seed_;
  const PhotoToAnimeData& data_;
  Communicator& ranks_;
  std::int64_t first_slot_ = 0, slots_ = 0;  // this rank's part of each batch
  std::int64_t pretrain_steps_ = 0, train_steps_ = 0;
  c10::Device device_;
  Networks networks_;
  std::optional<FeatureNetwork> features_;  // none when no term needs it
  std::optional<LossTargets> targets_;
  BatchSource batches_;
  AdversarialLoss adversarial_;
  Evaluator evaluator_;
  Updater generator_updater_, discriminator_updater_;
  std::optional<MovingAverage> average_;
  HealthMonitor health_;
  std::int64_t step_ = 0;  // being computed: for what is drawn in it
  std::string not_finite_;
  PhotoToAnimeBatch last_batch_;  // on a GPU, where looking at each step's losses would hold it up
  at::Tensor last_losses_;
  std::string last_phase_;
};

}  // namespace atelier
