#include "experiments/photo_to_anime/training.h"

#include <algorithm>
#include <map>

#include "experiments/features/feature_weights.h"
#include "experiments/photo_to_anime/photo_to_anime.h"
#include "framework/core/format.h"
#include "framework/storage/digest.h"
#include "framework/training/device.h"

namespace atelier {
namespace {

/// What can be wrong with a spec's weights and number of ranks, and with how they fit its data. Throws `UsageError`.
void check_training(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data, const Communicator& ranks) {
  open_device(spec.train.device, ranks);
  for (const auto& [name, optimizer] :
       {std::pair{"generator", &spec.train.generator}, {"discriminator", &spec.train.discriminator}}) {
    const std::int64_t steps = training_steps(spec, data);
    if (optimizer->schedule.warmup <= steps) continue;
    throw UsageError(
        format("train.{}.warmup = {} is longer than the training, whose {} are {} steps; the learning rate would never "
               "be reached",
               name, optimizer->schedule.warmup, spec.train.length.steps ? "train.steps" : "train.epochs", steps));
  }
  const std::string& best = spec.record.best;
  if (best == "eval.truth" && !data.photos_val.has(truth_column)) {
    throw UsageError(format("record.best = \"eval.truth\": {} has no true pictures; pack it with truth = \"FOLDER\"",
                            spec.data.photos.string()));
  }
  if ((best.starts_with("eval.kid") || best.starts_with("eval.fid")) &&
      std::min(data.photos_val.size(), data.anime_val.size()) < 2) {
    throw UsageError(format("record.best = \"{}\" needs two held-out photos and anime pictures at least", best));
  }
  const std::int64_t held_out =
      std::min({data.photos_val.height(), data.photos_val.width(), data.anime_val.height(), data.anime_val.width()});
  if (spec.evaluate.crop > held_out) {
    throw UsageError(format("evaluate.crop = {} is larger than the held-out pictures, of which the smallest side is {}",
                            spec.evaluate.crop, held_out));
  }
  const auto ends = [&](const char* mode) { return std::ranges::count(spec.health.end, mode) > 0; };
  if (ends("collapsed") && data.photos_val.size() < 2) {
    throw UsageError(
        format("health.end lists \"collapsed\", which is seen on two held-out photos or more, and {} has {}",
               spec.data.photos.string(), data.photos_val.size()));
  }
  make_loss_features(spec);
  Evaluator(measuring_features(spec), spec.evaluate);
  if (spec.speed.cuda_graphs && ranks.size() > 1) {
    throw UsageError(
        "speed.cuda_graphs = true is for trainings on one rank: gradients of several are summed by the processors");
  }
  if (spec.data.batch < ranks.size()) {
    throw UsageError(
        format("data.batch = {} is smaller than the {} ranks, some of which would have nothing to do; raise it "
               "or start fewer ranks",
               spec.data.batch, ranks.size()));
  }
}

/// Tells measures that do not compare apart: other pictures, or other ways of measuring them.
std::string measures_digest(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data) {
  const FeaturesSpec features = measuring_features(spec);
  const EvaluateSpec& evaluate = spec.evaluate;
  return hex(digest(format("{} {} {} {} {} {} {}", data.digest(), evaluate.crop > 0 ? evaluate.crop : spec.data.crop,
                           features.network, weights_digest(features.weights), evaluate.content_layer,
                           fmt::join(evaluate.style_layers, " "), evaluate.pooled_layer)));
}

class PhotoToAnimeTraining : public Training {
 public:
  PhotoToAnimeTraining(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data)
      : spec_(spec), seed_(seed), data_(data) {}

  void check(const Communicator& ranks) const override { check_training(spec_, data_, ranks); }

  std::string data_digest() const override { return data_.digest(); }
  std::vector<InputDigest> other_digests() const override {
    return {{"weights_digest", weights_digest(spec_.features.weights), "feature weights"},
            {"measures_digest", measures_digest(spec_, data_), ""}};
  }

  std::string device(const Communicator& ranks) const override { return open_device(spec_.train.device, ranks).str(); }

  std::unique_ptr<Task> make_task(Communicator& ranks) const override {
    auto task = std::make_unique<PhotoToAnime>(spec_, seed_, data_, ranks);
    if (spec_.speed.cuda_graphs) task->capture_steps(make_cuda_graph_capture);
    return task;
  }

  LoopOptions loop_options() const override { return {.record = spec_.record, .global_batch = spec_.data.batch}; }

  std::string_view memory_hint() const override {
    return "lower data.batch, data.crop or generator.width, or raise train.accumulate";
  }

 private:
  PhotoToAnimeSpec spec_;
  std::int64_t seed_;
  const PhotoToAnimeData& data_;
};

/// Opened data sets by what names them: the trials of a sweep share one.
class OpenData {
 public:
  const PhotoToAnimeData& of(const DataSpec& data) {
    const std::string key = data.photos.string() + "\n" + data.anime.string();
    auto found = sets_.find(key);
    if (found == sets_.end()) found = sets_.emplace(key, PhotoToAnimeData::open(data)).first;
    return found->second;
  }

 private:
  std::map<std::string, PhotoToAnimeData> sets_;
};

}  // namespace

std::function<std::unique_ptr<Training>(const ExperimentSpec&)> photo_to_anime_trainings() {
  return [open = std::make_shared<OpenData>()](const ExperimentSpec& spec) {
    const PhotoToAnimeSpec& own = spec.as<PhotoToAnimeSpec>();
    const PhotoToAnimeData& data = open->of(own.data);
    data.check(own.data, own.loss);
    return std::make_unique<PhotoToAnimeTraining>(own, spec.seed, data);
  };
}

}  // namespace atelier
