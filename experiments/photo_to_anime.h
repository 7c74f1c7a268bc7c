#pragma once

#include <memory>
#include <optional>

#include "experiments/discriminators/discriminator.h"
#include "experiments/evaluation/evaluator.h"
#include "experiments/features/feature_network.h"
#include "experiments/generators/generator.h"
#include "experiments/losses/adversarial.h"
#include "experiments/photo_to_anime_data.h"
#include "framework/distributed/gradient_reducer.h"
#include "framework/training/adam.h"
#include "framework/training/task.h"

namespace atelier {

/// The weights of one step's losses. They are inputs of the step, not constants of the program.
struct LossWeights {
  double adversarial = 1, smooth = 1, content = 10, style = 1, color = 0, tv = 0, identity = 0;
  static LossWeights of(const LossSpec& spec);
};

/// A rank's part of one batch: N x 3 x crop x crop, RGB in [0, 1].
struct PhotoToAnimeBatch {
  at::Tensor photo, anime, smoothed;
};

/// The frozen network of a spec's losses; none when no term needs one. Throws `UsageError` as `FeatureNetwork` does.
std::optional<FeatureNetwork> make_loss_features(const PhotoToAnimeSpec& spec);

/// Training a generator that turns photographs into anime against a discriminator, as the baseline does it: one forward
/// pass of everything, both gradients from the weights before the step, then both updates. Before that, when asked for,
/// the generator alone on the content term.
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

  /// The gradients of one step's losses into the parameters' `grad()`, without the update; the losses in the order of
  /// `metric_names`. `share`: this rank's part of the global batch.
  at::Tensor pretrain_gradients(const PhotoToAnimeBatch& batch, double share);
  at::Tensor train_gradients(const PhotoToAnimeBatch& batch, const LossWeights& weights, double share);

  Generator& generator() { return *networks_.generator; }
  Discriminator& discriminator() { return *networks_.discriminator; }
  /// All networks in another precision, to compare gradients; the optimizers stay as they are, so `step` is not for it.
  void to(at::ScalarType type);

 private:
  struct Networks {
    Networks(const PhotoToAnimeSpec& spec, std::int64_t seed, Communicator& ranks);
    std::shared_ptr<Generator> generator;
    std::shared_ptr<Discriminator> discriminator;
  };
  PhotoToAnimeBatch load_batch(std::int64_t step) const;
  /// Calls `show(number, photo)` for the validation photos that are shown, whole: 1 x 3 x H x W.
  template <class Show>
  void each_sample(Show show) const;

  PhotoToAnimeSpec spec_;
  std::int64_t seed_;
  const PhotoToAnimeData& data_;
  Communicator& ranks_;
  std::int64_t pretrain_steps_ = 0, train_steps_ = 0;
  std::int64_t first_slot_ = 0, slots_ = 0;  // this rank's part of each batch
  Networks networks_;
  std::optional<FeatureNetwork> features_;  // none when no term needs it
  AdversarialLoss adversarial_;
  Evaluator evaluator_;
  std::vector<at::Tensor> generator_parameters_, discriminator_parameters_;
  Adam generator_optimizer_, discriminator_optimizer_;
  GradientReducer generator_reducer_, discriminator_reducer_;
};

/// All parameters under "PREFIX.name", sorted as the network registered them.
std::vector<std::pair<std::string, at::Tensor>> named_parameters(const torch::nn::Module& network, const std::string& prefix);

}  // namespace atelier
