#include "experiments/run_photo_to_anime.h"

#include <sched.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

#include "experiments/features/feature_weights.h"
#include "experiments/photo_to_anime.h"
#include "experiments/run.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/distributed/first_rank.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/digest.h"
#include "framework/storage/provenance.h"
#include "framework/training/device.h"
#include "framework/training/out_of_memory.h"
#include "framework/training/training_loop.h"

namespace atelier {

void share_processors(const Communicator& ranks) {
  if (std::getenv("OMP_NUM_THREADS")) return;
  // What the launcher bound this process to is its share already.
  cpu_set_t bound;
  CPU_ZERO(&bound);
  const int all = static_cast<int>(std::thread::hardware_concurrency());
  if (sched_getaffinity(0, sizeof bound, &bound) == 0 && CPU_COUNT(&bound) < all) {
    at::set_num_threads(std::max(1, CPU_COUNT(&bound)));
    return;
  }
  // The ranks of this host, as the launcher counts them; all of them when it does not say.
  const char* local = std::getenv("OMPI_COMM_WORLD_LOCAL_SIZE");
  const int here = local ? std::max(1, std::atoi(local)) : ranks.size();
  at::set_num_threads(std::max(1, all / here));
}

void check_photo_to_anime(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data, const Communicator& ranks) {
  open_device(spec.train.device);
  data.check(spec.data, spec.loss);
  for (const auto& [name, optimizer] :
       {std::pair{"generator", &spec.train.generator}, {"discriminator", &spec.train.discriminator}}) {
    const std::int64_t steps = training_steps(spec, data);
    if (optimizer->warmup <= steps) continue;
    throw UsageError(
        format("train.{}.warmup = {} is longer than the training, whose {} are {} steps; the learning rate would never "
               "be reached",
               name, optimizer->warmup, spec.train.length.steps ? "train.steps" : "train.epochs", steps));
  }
  const std::string& best = spec.record.best;
  if (best == "eval.truth" && !data.photos_val.has_truth()) {
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
  const auto ends = [&](const char* sickness) { return std::ranges::count(spec.health.end, sickness) > 0; };
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

namespace {

/// A run that goes on must go on with the pictures and the feature network it began with. Throws `UsageError`.
void check_same_data(const RunFolder& folder, const PhotoToAnimeData& data, const std::string& weights) {
  if (!folder.newest_checkpoint() || !std::filesystem::exists(folder.provenance())) return;
  const Document before = Document::from_file(folder.provenance());
  const auto check = [&](const char* key, const std::string& now, const char* what) {
    const Document::Entry* entry = before.find(key);
    if (!entry || entry->value == Value(now)) return;
    throw UsageError(format("{} was begun with other {} (digest {}, now {}); choose another --out",
                            folder.path().string(), what, to_text(entry->value), now));
  };
  check("data_digest", data.digest(), "pictures");
  check("weights_digest", weights, "feature weights");
}

/// Tells measures that do not compare apart: other pictures, or other ways of measuring them.
std::string measures_digest(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data) {
  const FeaturesSpec features = measuring_features(spec);
  const EvaluateSpec& evaluate = spec.evaluate;
  return hex(digest(format("{} {} {} {} {} {} {}", data.digest(), evaluate.crop > 0 ? evaluate.crop : spec.data.crop,
                           features.network, weights_digest(features.weights), evaluate.content_layer,
                           fmt::join(evaluate.style_layers, " "), evaluate.pooled_layer)));
}

RunResult train_into(const ExperimentSpec& spec, const PhotoToAnimeData& data, const RunFolder& folder,
                     const RunContext& context, Communicator& ranks) {
  const PhotoToAnimeSpec& own = spec.photo_to_anime;
  PhotoToAnime task(own, spec.seed, data, ranks);
  if (own.speed.cuda_graphs) task.record_steps(make_cuda_recorder);
  std::optional<LogFile> log;
  const std::string weights = weights_digest(own.features.weights);
  on_first_rank(ranks, [&] { check_same_data(folder, data, weights); });
  if (ranks.rank() == 0) {
    log.emplace(folder.log());
    write_file(folder.provenance(), provenance_text({{"libtorch", to_toml(Value(TORCH_VERSION))},
                                                     {"device", to_toml(Value(task.device().str()))},
                                                     {"ranks", std::to_string(ranks.size())},
                                                     {"threads_per_rank", std::to_string(at::get_num_threads())},
                                                     {"command_line", to_toml(Value(context.command_line))},
                                                     {"data_digest", to_toml(Value(data.digest()))},
                                                     {"weights_digest", to_toml(Value(weights))},
                                                     {"measures_digest", to_toml(Value(measures_digest(own, data)))}}));
    // Paths, and what is recorded how often, may be others than when it began.
    ExperimentSpec current = spec;
    if (read_file(folder.spec()) != current.fields().to_toml()) write_run_spec(current, folder);
  }
  return train(task, folder,
               {.metrics_every = own.record.metrics_every,
                .samples_every = own.record.samples_every,
                .checkpoint_every = own.record.checkpoint_every,
                .evaluate_every = own.record.evaluate_every,
                .keep_checkpoints = own.record.keep,
                .global_batch = own.data.batch,
                .best = own.record.best,
                .highest_is_best = own.record.best_is == "highest",
                .tensorboard = own.record.tensorboard,
                .before_write = context.before_write,
                .reason_to_prune = context.reason_to_prune},
               ranks);
}

}  // namespace

RunResult run_photo_to_anime(const ExperimentSpec& spec, const PhotoToAnimeData& data, const RunFolder& folder,
                             const RunContext& context, Communicator& ranks) {
  try {
    return train_into(spec, data, folder, context, ranks);
  } catch (const std::exception& problem) {
    const std::optional<OutOfMemory> memory = as_out_of_memory(problem);
    if (!memory) throw;
    throw Error(
        format("{}; lower data.batch, data.crop or generator.width, or raise train.accumulate", memory->what()));
  }
}

}  // namespace atelier
