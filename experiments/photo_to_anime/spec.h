#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "experiments/discriminators/discriminator_spec.h"
#include "experiments/features/features_spec.h"
#include "experiments/generators/generator_spec.h"
#include "experiments/kind.h"
#include "experiments/losses/loss_spec.h"
#include "framework/records/measure.h"
#include "framework/training/length.h"
#include "framework/training/optimizer_options.h"
#include "framework/training/record_options.h"

namespace atelier {

struct DataSpec {
  std::filesystem::path photos;  ///< Packed data set with the splits train and val.
  std::filesystem::path anime;   ///< The same, with smoothed copies where the smooth term is used.
  std::int64_t crop = 256;       ///< Side of the square that is trained on, in pixels.
  bool flip = false;             ///< Mirror half of the samples.
  std::int64_t batch = 1;        ///< Photos a step, over all ranks together.
};

struct PretrainSpec {
  Length length;
  double content_weight = 100;
  double lr = 1e-4;
};

struct TrainSpec {
  Length length;
  OptimizerOptions generator, discriminator;
  std::string update = "joint";  ///< "joint": both gradients from the weights before the step, as the baseline does.
  std::int64_t discriminator_steps = 1;  ///< Updates of the discriminator for one of the generator.
  std::int64_t accumulate = 1;           ///< A rank's part of the batch goes through in so many micro-batches.
  double clip = 0;                       ///< Largest norm of each network's gradient; 0: any.
  double ema = 0;                        ///< Decay of the moving average of the generator's weights; 0: none.
  std::string precision = "fp32";
  std::string device = "cpu";
};

/// Ways to the same numbers, up to rounding, in less time; each can be switched off to see what it does.
struct SpeedSpec {
  std::string convolution =
      "winograd";             ///< 3x3 convolutions: "direct", "winograd" (tiles of 2) or "winograd4" (tiles of 4).
  bool channels_last = true;  ///< Activations as N x H x W x C in memory.
  bool fused_norm = true;     ///< Normalisation and activation in one pass.
  bool one_pass = true;       ///< The discriminator sees a step's pictures together where that is exact.
  bool prefetch = true;       ///< The next batch is read while this one is computed.
  double resident_gb = 4;     ///< On a GPU: the data sets stay in its memory where they take so many GB at most.
  bool cuda_graphs = false;   ///< On a GPU: steps are recorded and repeated.
};

/// When a training is in a failure mode, and whether it then ends.
struct HealthSpec {
  std::vector<std::string> end;  ///< Which failure modes end it: "won", "lost", "unchanged", "collapsed".
  std::int64_t patience = 20;    ///< Records in a row.
  double lead = 0.98;  ///< Share of patches the discriminator tells apart, above which it has won; below 1 minus this
                       ///< it has lost.
  double change = 0.005;  ///< Mean difference of output and photo in [0, 1] under which the output is its input.
  double spread = 0.05;   ///< Difference between outputs, relative to that between their photos, under which the output
                          ///< ignores them.
  std::int64_t photos = 4;  ///< Validation photos that are looked at, once a record.
};

/// The measures that do not depend on the weights of the losses; all trials that are compared need the same.
struct EvaluateSpec {
  std::int64_t crop = 0;          ///< Side of the middle square of the pictures, in pixels; 0: that of training.
  std::string network = "same";   ///< What measures; "same": the network of the losses.
  std::filesystem::path weights;  ///< Its weights; empty: those of the losses.
  std::string content_layer = "conv3_3";  ///< Must be one that the losses do not use.
  std::vector<std::string> style_layers{"conv1_2", "conv2_2", "conv3_3"};
  std::string pooled_layer = "conv3_3";  ///< Its means over the pixels are the features of FID and KID.
};

/// The photograph-to-anime experiment. Defaults are the single-laptop baseline.
struct PhotoToAnimeSpec : KindSpec {
  DataSpec data;
  GeneratorSpec generator;
  DiscriminatorSpec discriminator;
  FeaturesSpec features;
  LossSpec loss;
  PretrainSpec pretrain;
  TrainSpec train;
  SpeedSpec speed;
  HealthSpec health;
  EvaluateSpec evaluate;
  RecordOptions record;

  std::unique_ptr<KindSpec> clone() const override { return std::make_unique<PhotoToAnimeSpec>(*this); }
  void describe_keys(Fields& fields) override;
  void check_keys(const Document& document) const override;
  Measures measures() const override;
  std::vector<PrunerPreset> pruner_presets() const override;
  bool depends_on_length() const override;
  std::string costs() const override;
  Length* length() override { return &train.length; }
};

/// Whether the training begins with the generator alone.
bool pretrains(const PhotoToAnimeSpec& spec);

/// Whether a term of the losses is used: it exists, or it is the content term, with which pretraining is.
template <class Term>
bool is_used(const PhotoToAnimeSpec& spec, std::string_view name, const Term& term) {
  return exists(term) || (name == "content" && pretrains(spec));
}

/// The feature layers that the losses use, without repeats.
std::vector<std::string> training_layers(const PhotoToAnimeSpec& spec);

/// What measures: `features`, or what `evaluate` says instead.
FeaturesSpec measuring_features(const PhotoToAnimeSpec& spec);

/// The same of the evaluation.
std::vector<std::string> evaluation_layers(const EvaluateSpec& evaluate);

}  // namespace atelier
