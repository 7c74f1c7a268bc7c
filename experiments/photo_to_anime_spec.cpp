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
  fields.integer("steps", length.steps, Range::at_least(0), "or in steps");
  fields.end();
}

void describe(Fields& fields, std::string_view table, AdamSpec& adam) {
  fields.begin(table);
  fields.real("lr", adam.lr, Range::positive(), "learning rate of Adam");
  fields.reals("betas", adam.betas, 2, {.min = 0, .max = 0.999999}, "decay of Adam's first and second moment");
  fields.real("epsilon", adam.epsilon, Range::positive(), "added to the root of the second moment");
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
  fields.choice("kind", loss.adversarial.kind, {"bce", "lsgan", "hinge"}, "form of the adversarial loss");
  fields.real("weight", loss.adversarial.weight, Range::at_least(0), "in the generator's loss");
  fields.end();
  weight("smooth", loss.smooth.weight, "edge-smoothed anime counts as fake");
  fields.begin("content");
  fields.real("weight", loss.content.weight, Range::at_least(0), "features of photo and output");
  fields.text("layer", loss.content.layer, "feature layer, before its activation");
  fields.choice("distance", loss.content.distance, {"l1", "l2"}, "mean absolute or squared difference");
  fields.end();
  fields.begin("style");
  fields.real("weight", loss.style.weight, Range::at_least(0), "Gram matrices of anime and output");
  fields.texts("layers", loss.style.layers, "feature layers, their terms added");
  fields.choice("distance", loss.style.distance, {"l1", "l2"}, "mean absolute or squared difference");
  fields.end();
  weight("color", loss.color_weight, "colours of photo and output, in YUV");
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
  fields.choice("upsample", spec.generator.upsample, {"transposed", "nearest", "bilinear"}, "how the picture grows again");
  fields.choice("padding", spec.generator.padding, {"zero", "reflect"}, "what lies beyond the border");
  fields.choice("output", spec.generator.output, {"linear", "tanh", "residual"},
                "the last layer; residual: the photo plus a correction");
  fields.end();

  fields.begin("discriminator");
  fields.choice("kind", spec.discriminator.kind, discriminator_names(), "architecture");
  fields.integer("width", spec.discriminator.width, {1, 1024}, "channels after the first layer");
  fields.choice("norm", spec.discriminator.norm, norm_names(), "normalisation");
  fields.end();

  fields.begin("features");
  fields.choice("network", spec.features.network, network_names(), "frozen network of content and style");
  fields.path("weights", spec.features.weights, "safetensors file with torchvision's names, or \"random\"");
  fields.choice("preprocess", spec.features.preprocess, {"imagenet", "none", "swapped"},
                "swapped: red and blue exchanged, as the baseline did");
  fields.end();

  describe(fields, spec.loss);

  describe(fields, "pretrain", spec.pretrain.length);
  fields.begin("pretrain");
  fields.real("content_weight", spec.pretrain.content_weight, Range::at_least(0), "weight of the content term");
  fields.real("lr", spec.pretrain.lr, Range::positive(), "learning rate of the generator");
  fields.end();

  describe(fields, "train", spec.train.length);
  fields.begin("train");
  describe(fields, "generator", spec.train.generator);
  describe(fields, "discriminator", spec.train.discriminator);
  fields.end();

  fields.begin("evaluate");
  fields.text("content_layer", spec.evaluate.content_layer, "where photo and output are compared; none that the loss uses");
  fields.texts("style_layers", spec.evaluate.style_layers, "where Gram matrices of anime and output are compared");
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
  fields.end();
}

void check(const PhotoToAnimeSpec& spec, const Document& document) {
  const auto place = [&](const char* key) {
    const Document::Entry* entry = document.find(key);
    return entry ? entry->where : Location{document.name(), {}};
  };
  if (spec.data.photos.empty()) throw spec_error(place("data.photos"), "data.photos is missing: a packed data set of photographs");
  if (spec.data.anime.empty()) throw spec_error(place("data.anime"), "data.anime is missing: a packed data set of anime");
  if (spec.data.crop % 8 != 0) {
    throw spec_error(place("data.crop"), format("data.crop = {}: expected a multiple of 8; the nearest are {} and {}",
                                                spec.data.crop, spec.data.crop / 8 * 8, spec.data.crop / 8 * 8 + 8));
  }
  if (spec.features.weights.empty()) {
    throw spec_error(place("features.weights"), "features.weights is missing: a safetensors file, or \"random\"");
  }
  check_length(spec.pretrain.length, "pretrain", document, true);
  check_length(spec.train.length, "train", document, false);
  const NetworkLayout& layout = network_layout(spec.features.network);
  if (spec.loss.style.weight > 0 && spec.loss.style.layers.empty()) {
    throw spec_error(place("loss.style.layers"), "loss.style.layers is empty; name a layer, or set loss.style.weight to 0");
  }
  if (spec.evaluate.style_layers.empty()) throw spec_error(place("evaluate.style_layers"), "evaluate.style_layers is empty; name a layer");
  check_layer(layout, spec.loss.content.layer, "loss.content.layer", document);
  for (const std::string& layer : spec.loss.style.layers) check_layer(layout, layer, "loss.style.layers", document);
  check_layer(layout, spec.evaluate.content_layer, "evaluate.content_layer", document);
  for (const std::string& layer : spec.evaluate.style_layers) check_layer(layout, layer, "evaluate.style_layers", document);
  if (spec.loss.content.weight > 0 && spec.evaluate.content_layer == spec.loss.content.layer) {
    throw spec_error(place("evaluate.content_layer"),
                     format("evaluate.content_layer = \"{0}\" is what loss.content.layer trains on; measure at another layer",
                            spec.evaluate.content_layer));
  }
}

namespace {

void add_once(std::vector<std::string>& layers, const std::string& layer) {
  if (std::find(layers.begin(), layers.end(), layer) == layers.end()) layers.push_back(layer);
}

}  // namespace

std::vector<std::string> training_layers(const PhotoToAnimeSpec& spec) {
  std::vector<std::string> layers;
  const bool pretrains = spec.pretrain.length.steps > 0 || spec.pretrain.length.epochs > 0;
  if (spec.loss.content.weight > 0 || pretrains) add_once(layers, spec.loss.content.layer);
  if (spec.loss.style.weight > 0) {
    for (const std::string& layer : spec.loss.style.layers) add_once(layers, layer);
  }
  return layers;
}

std::vector<std::string> evaluation_layers(const EvaluateSpec& evaluate) {
  std::vector<std::string> layers{evaluate.content_layer};
  for (const std::string& layer : evaluate.style_layers) add_once(layers, layer);
  return layers;
}

}  // namespace atelier
