#pragma once

#include <functional>
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
#include "framework/training/recorded_step.h"
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

/// Training a generator that turns photographs into anime against a discriminator. As the baseline does it ("joint"):
/// one forward pass of everything, both gradients from the weights before the step, then both updates. Before that,
/// when asked for, the generator alone on the content term.
class PhotoToAnime : public Task {
 public:
  /// `data` and `ranks` must outlive it. Throws `UsageError` for what does not fit: weights, data, batch and ranks.
  PhotoToAnime(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data, Communicator& ranks);

  /// Steps are recorded by such recorders after their first times, and then repeated: see `RecordedStep`. For one rank
  /// alone.
  void record_steps(const std::function<std::unique_ptr<WorkRecorder>()>& make_recorder);

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

  /// The gradients of one joint step's losses into the parameters' `grad()`, without the update; the losses in the
  /// order of `loss_names`. `share`: this rank's part of the global batch.
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
    Updater(const torch::nn::Module& network, const char* name, const OptimizerSpec& spec, std::int64_t steps,
            Communicator& ranks);
    std::vector<at::Tensor> parameters;
    Schedule schedule;
    std::unique_ptr<Optimizer> optimizer;
    GradientReducer reducer;
    /// Waits for the sum over ranks, clips, updates. The norm of the gradient before clipping.
    at::Tensor update(const at::Tensor& rate, double clip);
  };
  /// What a step reads of one piece of a batch, all of it fetched before the step computes anything.
  struct Piece {
    PhotoToAnimeBatch batch;
    double share = 1;  ///< Of the global batch.
    Features content;  ///< Targets; empty where no term needs them.
    Grams style;
    at::Tensor mix;  ///< Where the gradient penalty looks, N x 1 x 1 x 1 in [0, 1); undefined without it.
  };
  using Pieces = std::vector<Piece>;
  /// Everything that a step reads besides networks and what is remembered of them.
  struct StepInputs {
    std::vector<Pieces> batches;    ///< One an update.
    std::vector<at::Tensor> rates;  ///< Of each update of an optimizer, in their order.
    /// All tensors, in a fixed order, to be replaced by others of the same shapes.
    std::vector<at::Tensor*> tensors();
  };
  struct DiscriminatorLosses {
    std::vector<at::Tensor> terms;  ///< In the order of `loss_names`, the total last.
    at::Tensor lead;
    at::Tensor total() const { return terms.back(); }
  };

  std::int64_t batch_number(std::int64_t step, std::int64_t update) const;
  at::Tensor cast(const at::Tensor& x) const;
  at::Tensor generate(const at::Tensor& photo);
  /// What the losses of a batch are held against and what is drawn for them. `targets`: the generator's losses need
  /// theirs.
  Piece piece(const PhotoToAnimeBatch& batch, const LossWeights& weights, double share, bool targets);
  /// The pieces in which this rank computes its part of a batch.
  Pieces pieces(const PhotoToAnimeBatch& batch, const LossWeights& weights, bool targets);
  /// Runs `work(piece)` for each, gradients summed over ranks after the last; the sum of what it returns.
  template <class Work>
  at::Tensor in_pieces(const Pieces& pieces, std::initializer_list<GradientReducer*> reducers, Work work);
  DiscriminatorLosses discriminator_losses(const Piece& piece, const at::Tensor& output,
                                           const std::vector<at::Tensor>& output_logits, const LossWeights& weights);
  std::vector<at::Tensor> generator_losses(const Piece& piece, const at::Tensor& output,
                                           const std::vector<at::Tensor>& output_logits, const LossWeights& weights);
  /// In the precision of losses.
  Features features_of(const at::Tensor& output) const;
  /// Gradients into the parameters' `grad()`, without the update; the losses. Of the joint step: those of `loss_names`,
  /// then the discriminator's lead. There the output's pass through the discriminator serves both networks' losses,
  /// since both gradients are of the weights before the step.
  at::Tensor content_gradients(const Piece& piece);
  at::Tensor joint_gradients(const Piece& piece, const LossWeights& weights);
  /// What steps read, and what they compute from it alone: losses and norms of gradients.
  StepInputs pretrain_inputs(std::int64_t step);
  StepInputs train_inputs(std::int64_t step);
  at::Tensor pretrain_step(const StepInputs& inputs);
  at::Tensor train_step(const StepInputs& inputs);
  void remember_not_finite(const at::Tensor& losses, const std::string& phase, const Pieces& pieces);
  void look_for_not_finite(const at::Tensor& losses, const std::string& phase, const Pieces& pieces);
  /// In the order in which a step computes them.
  void find_not_finite(const at::Tensor& losses, const std::string& phase, const Pieces& pieces);
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
  std::optional<RecordedStep> recorded_pretrain_, recorded_train_;  // none: each step is computed as it is written
  std::string not_finite_;
  Pieces last_pieces_;  // on a GPU, where looking at each step's losses would hold it up
  at::Tensor last_losses_;
  std::string last_phase_;
};

}  // namespace atelier
