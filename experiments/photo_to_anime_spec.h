#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
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
  std::string upsample = "transposed";
  std::string padding = "zero";
  std::string output = "linear";
};

struct DiscriminatorSpec {
  std::string kind = "patch";
  std::int64_t width = 32;
  std::string norm = "layer";
};

struct FeaturesSpec {
  std::string network = "vgg19";
  std::filesystem::path weights;
  std::string preprocess = "swapped";
};

/// The terms of both losses. Values are logged before the weights are applied. A weight of 0 leaves a term out.
struct LossSpec {
  struct Adversarial {
    std::string kind = "bce";
    double weight = 1;
  } adversarial;
  struct Smooth {
    double weight = 1;
  } smooth;
  struct Content {
    double weight = 10;
    std::string layer = "conv4_4";
    std::string distance = "l1";
  } content;
  struct Style {
    double weight = 1;
    std::vector<std::string> layers{"conv4_4"};
    std::string distance = "l1";
  } style;
  double color_weight = 0;
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

struct AdamSpec {
  double lr = 1e-4;
  std::vector<double> betas{0.5, 0.999};
  double epsilon = 1e-7;
};

struct TrainSpec {
  Length length;
  AdamSpec generator, discriminator;
};

/// The measures that do not depend on the weights of the losses; all trials that are compared need the same.
struct EvaluateSpec {
  std::string content_layer = "conv3_3";  ///< Must be one that the losses do not use.
  std::vector<std::string> style_layers{"conv1_2", "conv2_2", "conv3_3"};
};

/// What is written how often, in steps; 0 means only at the end.
struct RecordSpec {
  std::int64_t metrics_every = 50;
  std::int64_t samples_every = 0;
  std::int64_t checkpoint_every = 500;
  std::int64_t evaluate_every = 0;
  std::int64_t samples = 6;  ///< How many validation photos are shown.
  std::int64_t keep = 2;     ///< Checkpoints kept, the newest.
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
  EvaluateSpec evaluate;
  RecordSpec record;
};

void describe(Fields& fields, PhotoToAnimeSpec& spec);

/// Checks what single keys cannot say. Throws `UsageError` with the place in `document`.
void check(const PhotoToAnimeSpec& spec, const Document& document);

/// The feature layers that training uses, content and style together, without repeats.
std::vector<std::string> training_layers(const PhotoToAnimeSpec& spec);

/// The same of the evaluation.
std::vector<std::string> evaluation_layers(const EvaluateSpec& evaluate);

}  // namespace atelier
