#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/fields.h"

namespace atelier {

struct DataSpec {
  std::filesystem::path photos;  ///< Packed data set with the splits train and val.
  std::filesystem::path anime;   ///< The same, with smoothed copies where the smooth term is used.
  std::int64_t crop = 256;       ///< Side of the square that is trained on, in pixels.
  bool flip = false;             ///< Mirror half of the samples.
  std::int64_t batch = 1;        ///< Photos a step, over all ranks together.
};

struct GeneratorSpec {
  std::string kind = "residual";
  std::int64_t width = 64;  ///< Channels after the stem; twice and four times that inside.
  std::int64_t blocks = 8;
  std::string norm = "layer";
  std::string activation = "leaky-relu";
  std::string upsample = "transposed";
  std::string padding = "zero";
  std::string output = "linear";
};

struct DiscriminatorSpec {
  std::string kind = "patch";
  std::int64_t width = 32;
  std::string norm = "layer";
  std::int64_t depth = 2;   ///< 2, 3 or 4: a patch of 37, 53 or 69 pixels.
  bool spectral = false;    ///< Weights divided by their largest singular value.
  std::int64_t scales = 2;  ///< Of "multi-scale": how many discriminators, each at half the size of the one before.
};

struct FeaturesSpec {
  std::string network = "vgg19";
  std::filesystem::path weights;
  std::string preprocess = "swapped";
  std::string cache = "auto";  ///< Features of photos and Gram matrices of anime, computed once: "auto" or "off".
  std::string cache_precision = "fp32";
  double cache_gb = 16;  ///< Disk that the cache may take, in GB (1e9 bytes).
};

/// The terms of both losses. Values are logged before the weights are applied. A weight of 0 leaves a term out, except
/// that the adversarial one is computed all the same.
struct LossSpec {
  struct Adversarial {
    std::string kind = "bce";
    double weight = 1;
    double penalty = 10;  ///< Of "wgan-gp": weight of the gradient penalty.
  } adversarial;
  struct Smooth {
    double weight = 1;
  } smooth;
  struct Content {
    double weight = 10;
    std::string layer = "conv4_4";
    std::vector<std::string> layers;    ///< Several instead of `layer`.
    std::vector<double> layer_weights;  ///< One a layer; empty: 1 each.
    std::string distance = "l1";
    std::vector<std::string> names() const { return layers.empty() ? std::vector{layer} : layers; }
  } content;
  struct Style {
    double weight = 1;
    std::vector<std::string> layers{"conv4_4"};
    std::vector<double> layer_weights;
    std::string distance = "l1";
    std::string gram = "hwc";  ///< F^T F is divided by H W C or by H W.
  } style;
  struct Color {
    double weight = 0;
    std::string space = "yuv";
  } color;
  double tv_weight = 0;
  double identity_weight = 0;
};

/// A number of steps, said as epochs over the photos or as steps.
struct Length {
  std::int64_t epochs = 0;
  std::int64_t steps = 0;
};

struct PretrainSpec {
  Length length;
  double content_weight = 100;
  double lr = 1e-4;
};

/// How one network's weights are updated.
struct OptimizerSpec {
  std::string optimizer = "adam";
  double lr = 1e-4;
  std::vector<double> betas{0.5, 0.999};
  double epsilon = 1e-7;
  double weight_decay = 0;
  std::string schedule = "constant";
  std::int64_t warmup = 0;  ///< Steps in which the rate grows from 0.
  double hold = 0;          ///< Part of the training, 0 to 1, before the rate begins to fall.
  double final = 0;         ///< The rate at the end, as a part of `lr`.
};

struct TrainSpec {
  Length length;
  OptimizerSpec generator, discriminator;
  std::string update = "joint";  ///< "joint": both gradients from the weights before the step, as the baseline does.
  std::int64_t discriminator_steps = 1;  ///< Updates of the discriminator for one of the generator.
  std::int64_t accumulate = 1;  ///< A rank's part of the batch goes through in so many pieces, one after the other.
  double clip = 0;              ///< Largest norm of each network's gradient; 0: any.
  double ema = 0;               ///< Decay of the moving average of the generator's weights; 0: none.
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

/// When a training is sick, and whether it then ends.
struct HealthSpec {
  std::vector<std::string> end;  ///< Which sicknesses end it: "won", "lost", "unchanged", "collapsed".
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

/// What is written how often, in steps; 0 means only at the end.
struct RecordSpec {
  std::int64_t metrics_every = 50;
  std::int64_t samples_every = 0;
  std::int64_t checkpoint_every = 500;
  std::int64_t evaluate_every = 0;
  std::int64_t samples = 6;  ///< How many validation photos are shown.
  std::int64_t keep = 2;     ///< Checkpoints kept, the newest.
  std::string best;          ///< A measure by which the best checkpoint is kept too, for instance "eval.kid".
  std::string best_is = "lowest";
  bool tensorboard = true;  ///< Also write TensorBoard's event file.
};

/// The photograph-to-anime experiment. Defaults are the single-laptop baseline.
struct PhotoToAnimeSpec {
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
  RecordSpec record;
};

void describe(Fields& fields, PhotoToAnimeSpec& spec);

/// Checks what single keys cannot say. Throws `UsageError` with the place in `document`.
void check(const PhotoToAnimeSpec& spec, const Document& document);

/// What `eval.*` may hold; `eval.truth` only where the validation photos carry their true pictures.
std::vector<std::string_view> photo_to_anime_measures();

/// Whether the training begins with the generator alone.
bool pretrains(const PhotoToAnimeSpec& spec);

/// The weight of layer `i` of a term: 1 where none are given.
double layer_weight(const std::vector<double>& weights, std::size_t i);

/// The feature layers that training uses, content and style together, without repeats.
std::vector<std::string> training_layers(const PhotoToAnimeSpec& spec);

/// What measures: `features`, or what `evaluate` says instead.
FeaturesSpec measuring_features(const PhotoToAnimeSpec& spec);

/// The same of the evaluation.
std::vector<std::string> evaluation_layers(const EvaluateSpec& evaluate);

}  // namespace atelier
