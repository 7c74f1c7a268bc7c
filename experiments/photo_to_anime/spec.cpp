#include "experiments/photo_to_anime/spec.h"

#include <algorithm>
#include <numeric>

#include "experiments/evaluation/measures.h"
#include "experiments/features/layout.h"
#include "experiments/health/measures.h"
#include "experiments/losses/measures.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"
#include "framework/training/measures.h"

namespace atelier {
namespace {

/// Pixels of the smallest map of logits.
std::int64_t smallest_map_pixels(const DiscriminatorSpec& spec, std::int64_t crop) {
  const NetworkGraph graph = discriminator_graph(spec);
  const std::vector<PictureSize> sizes = sizes_of(graph, {crop, crop});
  std::int64_t smallest = crop * crop;
  for (const NetworkGraph::Node logits : graph.outputs())
    smallest = std::min(smallest, sizes[logits].height * sizes[logits].width);
  return smallest;
}

}  // namespace

void PhotoToAnimeSpec::describe_keys(Fields& fields) {
  PhotoToAnimeSpec& spec = *this;
  fields.begin("data");
  fields.path("photos", spec.data.photos, "packed data set of photographs").lies_at(data_digest_key);
  fields.path("anime", spec.data.anime, "packed data set of anime, with smoothed copies").lies_at(data_digest_key);
  fields.integer("crop", spec.data.crop, {16, 4096}, "side of the trained square in pixels, a multiple of 8");
  fields.boolean("flip", spec.data.flip, "mirror half of the samples");
  fields.integer("batch", spec.data.batch, {1, 65536}, "photos a step, over all ranks together");
  fields.end();

  describe(fields, spec.generator);
  describe(fields, spec.discriminator);
  describe(fields, spec.features);
  describe(fields, spec.loss);

  fields.begin("pretrain");
  describe(fields, spec.pretrain.length, Role::result);
  fields.real("content_weight", spec.pretrain.content_weight, Range::at_least(0), "weight of the content term");
  fields.real("lr", spec.pretrain.lr, Range::positive(), "learning rate of the generator");
  fields.end();

  fields.begin("train");
  describe(fields, spec.train.length, Role::length);
  fields.choice("update", spec.train.update, {"joint", "alternating"},
                "joint: both gradients from the weights before the step");
  fields.integer("discriminator_steps", spec.train.discriminator_steps, {1, 100},
                 "updates of the discriminator for one of the generator");
  fields.integer("accumulate", spec.train.accumulate, {1, 65536},
                 "micro-batches of a rank's part of the batch, one after the other, to save memory");
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
  fields.boolean("prefetch", spec.speed.prefetch, "the next batch is read meanwhile").role = Role::bookkeeping;
  fields
      .real("resident_gb", spec.speed.resident_gb, Range::at_least(0),
            "on a GPU: memory there that the data sets may take, in GB; 0: none")
      .role = Role::bookkeeping;
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
  for (const std::string_view name : feature_networks().names()) networks.push_back(name);
  fields.choice("network", spec.evaluate.network, networks,
                "frozen network that measures; same: features.network, whose trials compare with no other's");
  fields.path("weights", spec.evaluate.weights, "its weights, as features.weights; empty: those").no_file = "random";
  fields.text("content_layer", spec.evaluate.content_layer,
              "where photo and output are compared; none that the losses use");
  fields.texts("style_layers", spec.evaluate.style_layers, "where Gram matrices of anime and output are compared");
  fields.text("pooled_layer", spec.evaluate.pooled_layer, "its means over the pixels are the features of FID and KID");
  fields.end();

  describe(fields, spec.record);

  fields.fix("train.device", "cannot be varied: a job computes on one device; make two sweeps");
  // Trials are compared by what is measured, so it must be measured alike.
  const auto fix = [&](std::string_view key, std::string_view remedy) {
    fields.fix(key, format("is varied, so trials would be measured in different ways and not compare; {}", remedy));
  };
  fix("evaluate", "make two sweeps");
  if (evaluate.crop == 0) fix("data.crop", "fix evaluate.crop, for instance in [set]");
  if (evaluate.weights.empty()) fix("features.weights", "fix evaluate.weights, for instance in [set]");
  if (evaluate.network == "same" || evaluate.weights.empty())
    fix("features.network", "fix evaluate.network and evaluate.weights, for instance in [set]");
}

void PhotoToAnimeSpec::check_keys(const Document& document) const {
  const PhotoToAnimeSpec& spec = *this;
  const auto place = [&](const char* key) { return document.place_of(key); };
  if (spec.data.photos.empty())
    throw spec_error(place("data.photos"), "data.photos is missing: a packed data set of photographs");
  if (spec.data.anime.empty())
    throw spec_error(place("data.anime"), "data.anime is missing: a packed data set of anime");
  // Packed data sets and caches are made for multiples of 8; a generator may need more.
  const std::int64_t multiple = std::lcm(8, shrinkage_of(generator_graph(spec.generator)));
  if (spec.data.crop % multiple != 0) {
    const std::int64_t below = spec.data.crop / multiple * multiple;
    throw spec_error(place("data.crop"), format("data.crop = {}: expected a multiple of {}; the nearest are {} and {}",
                                                spec.data.crop, multiple, below, below + multiple));
  }
  for (const NetworkGraph& network : {generator_graph(spec.generator), discriminator_graph(spec.discriminator)}) {
    if (passes(network, {spec.data.crop, spec.data.crop})) continue;
    throw spec_error(place("data.crop"),
                     format("data.crop = {} is too small for the {}", spec.data.crop, network.name()));
  }
  if (spec.features.weights.empty()) {
    throw spec_error(place("features.weights"), "features.weights is missing: a safetensors file, or \"random\"");
  }
  check(spec.pretrain.length, "pretrain", document, true);
  check(spec.train.length, "train", document, false);
  check(spec.train.generator, "train.generator", spec.train.length, document);
  check(spec.train.discriminator, "train.discriminator", spec.train.length, document);
  if (spec.train.precision == "tf32" && spec.train.device == "cpu") {
    throw spec_error(place("train.precision"),
                     "train.precision = \"tf32\" is for GPUs, and train.device is \"cpu\"; use \"fp32\" or \"bf16\"");
  }
  if (spec.speed.cuda_graphs && spec.train.device == "cpu") {
    throw spec_error(place("speed.cuda_graphs"), "speed.cuda_graphs = true is for GPUs, and train.device is \"cpu\"");
  }
  if (norms().at(spec.discriminator.norm).mixes_images) {
    if (spec.loss.adversarial.penalizes()) {
      throw spec_error(
          place("discriminator.norm"),
          format("discriminator.norm = \"{}\" mixes the pictures of a batch, each of which loss.adversarial.kind = "
                 "\"{}\" judges alone; use another norm, \"layer\" for instance",
                 spec.discriminator.norm, spec.loss.adversarial.kind));
    }
    if (spec.data.batch / std::max<std::int64_t>(spec.train.accumulate, 1) *
            smallest_map_pixels(spec.discriminator, spec.data.crop) <
        2) {
      throw spec_error(
          place("discriminator.scales"),
          format(
              "discriminator.scales = {} leaves a single pixel of data.crop = {} to the last discriminator, over which "
              "discriminator.norm = \"{}\" has no variance; lower discriminator.scales, or raise data.crop or "
              "data.batch",
              spec.discriminator.scales, spec.data.crop, spec.discriminator.norm));
    }
  }
  const NetworkLayout& layout = feature_networks().at(spec.features.network);
  if (const std::int64_t smallest = smallest_picture(layout); spec.data.crop < smallest) {
    throw spec_error(place("data.crop"),
                     format("data.crop = {} is too small for features.network = \"{}\", which takes {} and more",
                            spec.data.crop, layout.name, smallest));
  }
  check(spec.loss, layout, document);
  if (spec.evaluate.style_layers.empty())
    throw spec_error(place("evaluate.style_layers"), "evaluate.style_layers is empty; name a layer");
  const FeaturesSpec measuring = measuring_features(spec);
  const NetworkLayout& measuring_layout = feature_networks().at(measuring.network);
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
  const std::string used = own_network ? key_that_uses(spec.loss, spec.evaluate.content_layer) : "";
  if (!used.empty()) {
    const bool several = used.ends_with("layers");
    throw spec_error(
        place("evaluate.content_layer"),
        format("evaluate.content_layer = \"{}\" is {}; measure at another layer", spec.evaluate.content_layer,
               several ? format("among {}, which trains on it", used) : format("what {} trains on", used)));
  }
  const std::int64_t smallest = std::max(multiple, std::max<std::int64_t>(16, smallest_picture(measuring_layout)));
  if (spec.evaluate.crop % multiple != 0 || (spec.evaluate.crop > 0 && spec.evaluate.crop < smallest)) {
    throw spec_error(place("evaluate.crop"), format("evaluate.crop = {}: expected 0 or a multiple of {} from {}",
                                                    spec.evaluate.crop, multiple, smallest));
  }
  if (spec.evaluate.crop == 0 && spec.data.crop < smallest) {
    throw spec_error(
        place("evaluate.crop"),
        format("data.crop = {} is too small for evaluate.network = \"{}\"; set evaluate.crop to {} or more",
               spec.data.crop, measuring_layout.name, smallest));
  }
  // A failure mode that no record can show would be waited for in vain.
  const auto needs_photos = [&](const char* mode, std::int64_t photos) {
    if (std::ranges::count(spec.health.end, mode) == 0 || spec.health.photos >= photos) return;
    throw spec_error(place("health.photos"),
                     format("health.photos = {}: health.end lists \"{}\", which is seen on {} photos or more",
                            spec.health.photos, mode, photos));
  };
  needs_photos("unchanged", 1);
  needs_photos("collapsed", 2);
  if (spec.data.batch < spec.train.accumulate) {
    throw spec_error(place("train.accumulate"),
                     format("train.accumulate = {} is larger than data.batch = {}; there would be empty micro-batches",
                            spec.train.accumulate, spec.data.batch));
  }
  if (!spec.record.best.empty()) {
    const Measures measures = spec.measures();
    std::vector<std::string_view> names = measures.results();
    std::erase_if(names, [&](std::string_view name) {
      const Better better = measures.of(name).better;
      return better != Better::lower && better != Better::higher;
    });
    if (std::ranges::count(names, spec.record.best) == 0) {
      const std::string_view known = in_words(measures.of(spec.record.best).better);
      throw spec_error(place("record.best"),
                       format("record.best = \"{}\": {}expected {}", spec.record.best,
                              known.empty() ? "" : format("{} of it; ", known), quoted_list(names)));
    }
  }
}

namespace {

void add_once(std::vector<std::string>& layers, const std::string& layer) {
  if (std::find(layers.begin(), layers.end(), layer) == layers.end()) layers.push_back(layer);
}

}  // namespace

bool pretrains(const PhotoToAnimeSpec& spec) { return !spec.pretrain.length.none(); }

Measures PhotoToAnimeSpec::measures() const {
  return {loss_measures(), evaluation_measures(), health_measures(health), training_measures()};
}

bool PhotoToAnimeSpec::depends_on_length() const {
  return train.generator.schedule.kind != Schedule::Kind::constant ||
         train.discriminator.schedule.kind != Schedule::Kind::constant;
}

std::vector<std::string> training_layers(const PhotoToAnimeSpec& spec) {
  std::vector<std::string> layers;
  each_term(spec.loss, [&](std::string_view name, const auto& term) {
    if (!is_used(spec, name, term)) return;
    for (const std::string& layer : needs_of(term).layers) add_once(layers, layer);
  });
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
