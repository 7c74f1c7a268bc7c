#include "experiments/photo_to_anime_spec.h"

#include <algorithm>

#include "experiments/catalog.h"
#include "experiments/features/layout.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"

namespace atelier {
namespace {

void describe(Fields& fields, std::string_view table, Length& length) {
  fields.begin(table);
  fields.integer("epochs", length.epochs, Range::at_least(0), "length in passes over the photos");
  fields.integer("steps", length.steps, {0, 1e12}, "or in steps");
  fields.end();
}

/// The names of `framework/training/optimizers.def`; what makes them stands behind libtorch's wall.
std::vector<std::string_view> known_optimizers() {
  return {
#define ATELIER_OPTIMIZER(name, make, summary) name,
#include "framework/training/optimizers.def"
#undef ATELIER_OPTIMIZER
  };
}

void describe(Fields& fields, std::string_view table, OptimizerSpec& spec) {
  fields.begin(table);
  fields.choice("optimizer", spec.optimizer, known_optimizers(),
                "adam in Keras' form; adamw: decoupled weight decay; sgd: with momentum betas[0]");
  fields.real("lr", spec.lr, Range::positive(), "learning rate");
  fields.reals("betas", spec.betas, 2, {.min = 0, .max = 0.999999}, "decay of the first and second moment");
  fields.real("epsilon", spec.epsilon, Range::positive(), "added to the root of the second moment");
  fields.real("weight_decay", spec.weight_decay, Range::at_least(0), "of adamw and sgd");
  fields.choice("schedule", spec.schedule, {"constant", "linear", "cosine"},
                "how the learning rate falls to its final part");
  fields.integer("warmup", spec.warmup, Range::at_least(0), "steps in which the learning rate grows from 0");
  fields.real("hold", spec.hold, {.min = 0, .max = 1}, "part of the training before the learning rate begins to fall");
  fields.real("final", spec.final, {.min = 0, .max = 1}, "learning rate at the end, as a part of lr");
  fields.end();
}

void describe(Fields& fields, LossSpec& loss) {
  const auto weight = [&](const char* table, double& value, const char* help) {
    fields.begin(table);
    fields.real("weight", value, Range::at_least(0), help);
    fields.end();
  };
  fields.begin("loss");
  fields.begin("adversarial");
  fields.choice("kind", loss.adversarial.kind, adversarial_names(), "form of the adversarial loss");
  fields.real("weight", loss.adversarial.weight, Range::at_least(0), "in the generator's loss");
  fields.real("penalty", loss.adversarial.penalty, Range::at_least(0), "weight of wgan-gp's gradient penalty");
  fields.end();
  weight("smooth", loss.smooth.weight, "edge-smoothed anime counts as fake");
  fields.begin("content");
  fields.real("weight", loss.content.weight, Range::at_least(0), "features of photo and output");
  fields.text("layer", loss.content.layer, "feature layer, before its activation");
  fields.texts("layers", loss.content.layers, "several instead of layer, their terms added");
  fields.reals("layer_weights", loss.content.layer_weights, 0, Range::at_least(0), "one a layer; empty: 1 each");
  fields.choice("distance", loss.content.distance, {"l1", "l2"}, "mean absolute or squared difference");
  fields.end();
  fields.begin("style");
  fields.real("weight", loss.style.weight, Range::at_least(0), "Gram matrices of anime and output");
  fields.texts("layers", loss.style.layers, "feature layers, their terms added");
  fields.reals("layer_weights", loss.style.layer_weights, 0, Range::at_least(0), "one a layer; empty: 1 each");
  fields.choice("distance", loss.style.distance, {"l1", "l2"}, "mean absolute or squared difference");
  fields.choice("gram", loss.style.gram, {"hwc", "hw"}, "Gram matrices are divided by H W C or by H W");
  fields.end();
  fields.begin("color");
  fields.real("weight", loss.color.weight, Range::at_least(0), "colours of photo and output");
  fields.choice("space", loss.color.space, {"yuv", "lab"}, "where colours are compared");
  fields.end();
  weight("tv", loss.tv_weight, "total variation of the output");
  weight("identity", loss.identity_weight, "anime through the generator stays itself");
  fields.end();
}

/// The number of steps must be said in exactly one way.
void check_length(const Length& length, const char* table, const Document& document, bool may_be_zero) {
  const std::string key = std::string(table) + (length.steps ? ".steps" : ".epochs");
  const Document::Entry* entry = document.find(key);
  const Location where = entry ? entry->where : Location{document.name(), {}};
  if (length.steps && length.epochs) {
    throw spec_error(where, format("{0}.steps and {0}.epochs are both set; set one of them to 0", table));
  }
  if (!may_be_zero && !length.steps && !length.epochs) {
    throw spec_error(where, format("{0} has no length; set {0}.steps or {0}.epochs", table));
  }
}

void check_optimizer(const OptimizerSpec& spec, const char* table, const Length& length, const Document& document) {
  const auto place = [&](const char* key) {
    const Document::Entry* entry = document.find(format("{}.{}", table, key));
    return entry ? entry->where : Location{document.name(), {}};
  };
  if (spec.optimizer == "adam" && spec.weight_decay != 0) {
    throw spec_error(place("weight_decay"), format("{}.weight_decay = {}: adam has none; \"adamw\" and \"sgd\" have",
                                                   table, spec.weight_decay));
  }
  // A length in epochs becomes steps where the number of photos is known.
  if (length.steps && spec.warmup > length.steps) {
    throw spec_error(
        place("warmup"),
        format("{}.warmup = {} is longer than the training, train.steps = {}; the learning rate would never be reached",
               table, spec.warmup, length.steps));
  }
}

/// Pixels of the last logits: the sides are halved between scales, and twice within a discriminator.
std::int64_t smallest_map_pixels(const DiscriminatorSpec& spec, std::int64_t crop) {
  std::int64_t side = spec.kind == "multi-scale" ? crop >> (spec.scales - 1) : crop;
  for (int i = 0; i < 2; ++i) side = (side + 1) / 2;
  return side * side;
}

void check_layer(const NetworkLayout& layout, const std::string& layer, const char* key, const Document& document) {
  const std::vector<std::string_view> names = layer_names(layout);
  if (std::find(names.begin(), names.end(), layer) != names.end()) return;
  const Document::Entry* entry = document.find(key);
  throw spec_error(entry ? entry->where : Location{document.name(), {}},
                   format("{} = \"{}\": {} has the layers {}", key, layer, layout.name, quoted_list(names)));
}

}  // namespace

void describe(Fields& fields, PhotoToAnimeSpec& spec) {
  fields.begin("data");
  fields.path("photos", spec.data.photos, "packed data set of photographs");
  fields.path("anime", spec.data.anime, "packed data set of anime, with smoothed copies");
  fields.integer("crop", spec.data.crop, {16, 4096}, "side of the trained square in pixels, a multiple of 8");
  fields.boolean("flip", spec.data.flip, "mirror half of the samples");
  fields.integer("batch", spec.data.batch, {1, 65536}, "photos a step, over all ranks together");
  fields.end();

  fields.begin("generator");
  fields.choice("kind", spec.generator.kind, generator_names(), "architecture");
  fields.integer("width", spec.generator.width, {1, 1024}, "channels after the stem");
  fields.integer("blocks", spec.generator.blocks, {0, 64}, "residual blocks");
  fields.choice("norm", spec.generator.norm, norm_names(), "normalisation; \"layer\" is over the whole image");
  fields.choice("activation", spec.generator.activation, activation_names(), "after convolutions and norms");
  fields.choice("upsample", spec.generator.upsample, {"transposed", "nearest", "bilinear"},
                "how the picture grows again");
  fields.choice("padding", spec.generator.padding, {"zero", "reflect"}, "what lies beyond the border");
  fields.choice("output", spec.generator.output, {"linear", "tanh", "residual"},
                "the last layer; residual: the photo plus a correction");
  fields.end();

  fields.begin("discriminator");
  fields.choice("kind", spec.discriminator.kind, discriminator_names(), "architecture");
  fields.integer("width", spec.discriminator.width, {1, 1024}, "channels after the first layer");
  fields.choice("norm", spec.discriminator.norm, norm_names(), "normalisation");
  fields.integer("depth", spec.discriminator.depth, {2, 4}, "2, 3 or 4: it judges patches of 37, 53 or 69 pixels");
  fields.boolean("spectral", spec.discriminator.spectral, "spectral normalisation of the weights");
  fields.integer("scales", spec.discriminator.scales, {1, 4}, "discriminators of multi-scale, each at half the size");
  fields.end();

  fields.begin("features");
  fields.choice("network", spec.features.network, network_names(), "frozen network of content and style");
  fields.path("weights", spec.features.weights, "safetensors with torchvision's names, Keras' .h5, or \"random\"");
  fields.choice("preprocess", spec.features.preprocess, {"imagenet", "none", "swapped"},
                "swapped: red and blue exchanged, as the baseline did");
  fields
      .choice("cache", spec.features.cache, {"auto", "off"},
              "features of photos and Gram matrices of anime are kept on disk")
      .affects_result = false;
  fields.choice("cache_precision", spec.features.cache_precision, {"fp32", "fp16"},
                "fp16 halves the cache and rounds the targets");
  fields.real("cache_gb", spec.features.cache_gb, Range::at_least(0), "disk the cache may take, in GB").affects_result =
      false;
  fields.end();

  describe(fields, spec.loss);

  describe(fields, "pretrain", spec.pretrain.length);
  fields.begin("pretrain");
  fields.real("content_weight", spec.pretrain.content_weight, Range::at_least(0), "weight of the content term");
  fields.real("lr", spec.pretrain.lr, Range::positive(), "learning rate of the generator");
  fields.end();

  describe(fields, "train", spec.train.length);
  fields.begin("train");
  fields.choice("update", spec.train.update, {"joint", "alternating"},
                "joint: both gradients from the weights before the step");
  fields.integer("discriminator_steps", spec.train.discriminator_steps, {1, 100},
                 "updates of the discriminator for one of the generator");
  fields.integer("accumulate", spec.train.accumulate, {1, 65536},
                 "pieces of a rank's part of the batch, one after the other, to save memory");
  fields.real("clip", spec.train.clip, Range::at_least(0), "largest norm of a network's gradient; 0: any");
  fields.real("ema", spec.train.ema, {.min = 0, .max = 0.999999},
              "decay of the generator's moving average, which is then shown and measured; 0: none");
  fields.choice("device", spec.train.device, {"cpu", "cuda"}, "what computes; cuda: a GPU a rank");
  fields.choice("precision", spec.train.precision, {"fp32", "tf32", "bf16"},
                "of convolutions; bf16: weights and losses stay fp32; tf32: on a GPU");
  describe(fields, "generator", spec.train.generator);
  describe(fields, "discriminator", spec.train.discriminator);
  fields.end();

  fields.begin("speed");
  fields.choice("convolution", spec.speed.convolution, {"direct", "winograd", "winograd4"},
                "of 3x3; winograd: 2.25 times fewer multiplications; winograd4: 4 times fewer, with more rounding");
  fields.boolean("channels_last", spec.speed.channels_last, "activations with their channels side by side in memory");
  fields.boolean("fused_norm", spec.speed.fused_norm, "normalisation and activation in one pass over memory");
  fields.boolean("one_pass", spec.speed.one_pass, "one pass of the discriminator where that is exact");
  fields.boolean("prefetch", spec.speed.prefetch, "the next batch is read meanwhile").affects_result = false;
  fields
      .real("resident_gb", spec.speed.resident_gb, Range::at_least(0),
            "on a GPU: memory there that the data sets may take, in GB; 0: none")
      .affects_result = false;
  fields.boolean("cuda_graphs", spec.speed.cuda_graphs, "on a GPU: steps are recorded and repeated");
  fields.end();

  fields.begin("health");
  fields.choices(
      "end", spec.health.end, {"won", "lost", "unchanged", "collapsed"},
      "ends the run: the discriminator has won or lost, the output is its input, the output ignores its input");
  fields.integer("patience", spec.health.patience, Range::at_least(1),
                 "records in a row before it counts; with end set, record.metrics_every so says when");
  fields.real("lead", spec.health.lead, {.min = 0.5, .max = 1},
              "share of patches told apart above which the discriminator has won");
  fields.real("change", spec.health.change, Range::at_least(0),
              "mean difference of pixels under which the output is its input");
  fields.real("spread", spec.health.spread, Range::at_least(0),
              "difference of outputs over that of their photos under which it ignores them");
  fields.integer("photos", spec.health.photos, {0, 64}, "validation photos looked at once a record; 0: none");
  fields.end();

  fields.begin("evaluate");
  fields.integer("crop", spec.evaluate.crop, {0, 4096},
                 "side of the middle square that is measured, a multiple of 8; 0: data.crop");
  std::vector<std::string_view> networks{"same"};
  for (const std::string_view name : network_names()) networks.push_back(name);
  fields.choice("network", spec.evaluate.network, networks,
                "frozen network that measures; same: features.network, whose trials compare with no other's");
  fields.path("weights", spec.evaluate.weights, "its weights, as features.weights; empty: those");
  fields.text("content_layer", spec.evaluate.content_layer,
              "where photo and output are compared; none that the losses use");
  fields.texts("style_layers", spec.evaluate.style_layers, "where Gram matrices of anime and output are compared");
  fields.text("pooled_layer", spec.evaluate.pooled_layer, "its means over the pixels are the features of FID and KID");
  fields.end();

  fields.begin("record");
  const auto every = [&](const char* key, std::int64_t& value, const char* help) {
    fields.integer(key, value, Range::at_least(0), help).affects_result = false;
  };
  every("metrics_every", spec.record.metrics_every, "steps between records of the losses");
  every("samples_every", spec.record.samples_every, "steps between sample pictures; 0: at the end");
  every("checkpoint_every", spec.record.checkpoint_every, "steps between checkpoints; 0: at the end");
  every("evaluate_every", spec.record.evaluate_every, "steps between evaluations; 0: at the end");
  every("samples", spec.record.samples, "validation photos shown");
  fields.integer("keep", spec.record.keep, Range::at_least(1), "checkpoints kept, the newest").affects_result = false;
  fields.text("best", spec.record.best, "measure by which the best checkpoint is kept too, for instance \"eval.kid\"")
      .affects_result = false;
  fields.choice("best_is", spec.record.best_is, {"lowest", "highest"}, "which value of it is best").affects_result =
      false;
  fields.boolean("tensorboard", spec.record.tensorboard, "also write TensorBoard's event file").affects_result = false;
  fields.end();
}

void check(const PhotoToAnimeSpec& spec, const Document& document) {
  const auto place = [&](const char* key) {
    const Document::Entry* entry = document.find(key);
    return entry ? entry->where : Location{document.name(), {}};
  };
  if (spec.data.photos.empty())
    throw spec_error(place("data.photos"), "data.photos is missing: a packed data set of photographs");
  if (spec.data.anime.empty())
    throw spec_error(place("data.anime"), "data.anime is missing: a packed data set of anime");
  if (spec.data.crop % 8 != 0) {
    throw spec_error(place("data.crop"), format("data.crop = {}: expected a multiple of 8; the nearest are {} and {}",
                                                spec.data.crop, spec.data.crop / 8 * 8, spec.data.crop / 8 * 8 + 8));
  }
  if (spec.features.weights.empty()) {
    throw spec_error(place("features.weights"), "features.weights is missing: a safetensors file, or \"random\"");
  }
  check_length(spec.pretrain.length, "pretrain", document, true);
  check_length(spec.train.length, "train", document, false);
  check_optimizer(spec.train.generator, "train.generator", spec.train.length, document);
  check_optimizer(spec.train.discriminator, "train.discriminator", spec.train.length, document);
  if (spec.train.precision == "tf32" && spec.train.device == "cpu") {
    throw spec_error(place("train.precision"),
                     "train.precision = \"tf32\" is for GPUs, and train.device is \"cpu\"; use \"fp32\" or \"bf16\"");
  }
  if (spec.speed.cuda_graphs && spec.train.device == "cpu") {
    throw spec_error(place("speed.cuda_graphs"), "speed.cuda_graphs = true is for GPUs, and train.device is \"cpu\"");
  }
  if (spec.discriminator.norm == "batch") {
    if (spec.loss.adversarial.kind == "wgan-gp" && spec.loss.adversarial.penalty > 0) {
      throw spec_error(place("discriminator.norm"),
                       "discriminator.norm = \"batch\" mixes the pictures of a batch, each of which "
                       "loss.adversarial.kind = \"wgan-gp\" "
                       "judges alone; use another norm, \"layer\" for instance");
    }
    if (spec.data.batch / std::max<std::int64_t>(spec.train.accumulate, 1) *
            smallest_map_pixels(spec.discriminator, spec.data.crop) <
        2) {
      throw spec_error(
          place("discriminator.scales"),
          format(
              "discriminator.scales = {} leaves a single pixel of data.crop = {} to the last discriminator, over which "
              "discriminator.norm = \"batch\" has no variance; lower discriminator.scales, or raise data.crop or "
              "data.batch",
              spec.discriminator.scales, spec.data.crop));
    }
  }
  const NetworkLayout& layout = network_layout(spec.features.network);
  if (spec.data.crop < layout.smallest) {
    throw spec_error(place("data.crop"),
                     format("data.crop = {} is too small for features.network = \"{}\", which takes {} and more",
                            spec.data.crop, layout.name, layout.smallest));
  }
  if (spec.loss.style.weight > 0 && spec.loss.style.layers.empty()) {
    throw spec_error(place("loss.style.layers"),
                     "loss.style.layers is empty; name a layer, or set loss.style.weight to 0");
  }
  if (spec.evaluate.style_layers.empty())
    throw spec_error(place("evaluate.style_layers"), "evaluate.style_layers is empty; name a layer");
  const char* content_key = spec.loss.content.layers.empty() ? "loss.content.layer" : "loss.content.layers";
  const std::vector<std::string> content_layers = spec.loss.content.names();
  for (const std::string& layer : content_layers) check_layer(layout, layer, content_key, document);
  for (const std::string& layer : spec.loss.style.layers) check_layer(layout, layer, "loss.style.layers", document);
  const auto check_weights = [&](const std::vector<double>& weights, std::size_t layers, const char* key) {
    if (weights.empty() || weights.size() == layers) return;
    throw spec_error(place(key), format("{} has {} numbers for {} layers", key, weights.size(), layers));
  };
  check_weights(spec.loss.content.layer_weights, content_layers.size(), "loss.content.layer_weights");
  check_weights(spec.loss.style.layer_weights, spec.loss.style.layers.size(), "loss.style.layer_weights");
  const FeaturesSpec measuring = measuring_features(spec);
  const NetworkLayout& measuring_layout = network_layout(measuring.network);
  if (measuring.network != spec.features.network && spec.evaluate.weights.empty() &&
      spec.features.weights.filename() != "random") {
    throw spec_error(place("evaluate.weights"),
                     format("evaluate.weights is missing: features.weights is of {}, and evaluate.network is \"{}\"",
                            spec.features.network, spec.evaluate.network));
  }
  check_layer(measuring_layout, spec.evaluate.pooled_layer, "evaluate.pooled_layer", document);
  check_layer(measuring_layout, spec.evaluate.content_layer, "evaluate.content_layer", document);
  for (const std::string& layer : spec.evaluate.style_layers)
    check_layer(measuring_layout, layer, "evaluate.style_layers", document);
  const bool own_network = measuring.network == spec.features.network && measuring.weights == spec.features.weights;
  if (own_network && spec.loss.content.weight > 0 &&
      std::find(content_layers.begin(), content_layers.end(), spec.evaluate.content_layer) != content_layers.end()) {
    throw spec_error(place("evaluate.content_layer"),
                     format("evaluate.content_layer = \"{}\" is what {} trains on; measure at another layer",
                            spec.evaluate.content_layer, content_key));
  }
  if (own_network && spec.loss.style.weight > 0 &&
      std::ranges::count(spec.loss.style.layers, spec.evaluate.content_layer) > 0) {
    throw spec_error(
        place("evaluate.content_layer"),
        format(
            "evaluate.content_layer = \"{}\" is among loss.style.layers, which trains on it; measure at another layer",
            spec.evaluate.content_layer));
  }
  const std::int64_t smallest = (std::max<std::int64_t>(16, measuring_layout.smallest) + 7) / 8 * 8;
  if (spec.evaluate.crop % 8 != 0 || (spec.evaluate.crop > 0 && spec.evaluate.crop < smallest)) {
    throw spec_error(place("evaluate.crop"),
                     format("evaluate.crop = {}: expected 0 or a multiple of 8 from {}", spec.evaluate.crop, smallest));
  }
  if (spec.evaluate.crop == 0 && spec.data.crop < smallest) {
    throw spec_error(
        place("evaluate.crop"),
        format("data.crop = {} is too small for evaluate.network = \"{}\"; set evaluate.crop to {} or more",
               spec.data.crop, measuring_layout.name, smallest));
  }
  // A sickness that no record can show would be waited for in vain.
  const auto needs_photos = [&](const char* sickness, std::int64_t photos) {
    if (std::ranges::count(spec.health.end, sickness) == 0 || spec.health.photos >= photos) return;
    throw spec_error(place("health.photos"),
                     format("health.photos = {}: health.end lists \"{}\", which is seen on {} photos or more",
                            spec.health.photos, sickness, photos));
  };
  needs_photos("unchanged", 1);
  needs_photos("collapsed", 2);
  if (spec.data.batch < spec.train.accumulate) {
    throw spec_error(place("train.accumulate"),
                     format("train.accumulate = {} is larger than data.batch = {}; there would be empty pieces",
                            spec.train.accumulate, spec.data.batch));
  }
  if (!spec.record.best.empty()) {
    const auto names = photo_to_anime_measures();
    if (std::find(names.begin(), names.end(), spec.record.best) == names.end()) {
      throw spec_error(place("record.best"),
                       format("record.best = \"{}\": expected {}", spec.record.best, quoted_list(names)));
    }
  }
}

namespace {

void add_once(std::vector<std::string>& layers, const std::string& layer) {
  if (std::find(layers.begin(), layers.end(), layer) == layers.end()) layers.push_back(layer);
}

}  // namespace

bool pretrains(const PhotoToAnimeSpec& spec) {
  return spec.pretrain.length.steps > 0 || spec.pretrain.length.epochs > 0;
}

double layer_weight(const std::vector<double>& weights, std::size_t i) { return weights.empty() ? 1 : weights.at(i); }

std::vector<std::string_view> photo_to_anime_measures() {
  return {"eval.content",   "eval.style",     "eval.identity", "eval.kid",  "eval.fid",
          "eval.kid_photo", "eval.fid_photo", "eval.ssim",     "eval.truth"};
}

std::vector<std::string> training_layers(const PhotoToAnimeSpec& spec) {
  std::vector<std::string> layers;
  if (spec.loss.content.weight > 0 || pretrains(spec)) {
    for (const std::string& layer : spec.loss.content.names()) add_once(layers, layer);
  }
  if (spec.loss.style.weight > 0) {
    for (const std::string& layer : spec.loss.style.layers) add_once(layers, layer);
  }
  return layers;
}

FeaturesSpec measuring_features(const PhotoToAnimeSpec& spec) {
  FeaturesSpec features = spec.features;
  if (spec.evaluate.network != "same") features.network = spec.evaluate.network;
  if (!spec.evaluate.weights.empty()) features.weights = spec.evaluate.weights;
  return features;
}

std::vector<std::string> evaluation_layers(const EvaluateSpec& evaluate) {
  std::vector<std::string> layers{evaluate.content_layer};
  for (const std::string& layer : evaluate.style_layers) add_once(layers, layer);
  add_once(layers, evaluate.pooled_layer);
  return layers;
}

}  // namespace atelier
