#include "experiments/photo_to_anime/photo_to_anime.h"

#include <cmath>

#include "experiments/health/health_measures.h"
#include "experiments/health/measures.h"
#include "experiments/layers/network_state.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/stop_signal.h"
#include "framework/data/batch_loader.h"
#include "framework/images/image_file.h"
#include "framework/training/out_of_memory.h"

namespace atelier {
namespace {

at::Tensor fill(const BatchLoader& loader, std::int64_t first, std::int64_t count) {
  at::Tensor images = at::empty({count, 3, loader.crop(), loader.crop()});
  loader.fill(first, count, images.data_ptr<float>());
  return images;
}

/// This rank's part of a split's images in their fixed order, their middles: N x 3 x crop x crop, N may be 0.
at::Tensor fixed_share(const ImageColumn& column, std::int64_t crop, const Communicator& ranks) {
  const BatchLoader loader(column, {.crop = crop, .flip = false, .order = BatchLoader::Order::fixed});
  const std::int64_t first = column.size() * ranks.rank() / ranks.size();
  const std::int64_t last = column.size() * (ranks.rank() + 1) / ranks.size();
  return fill(loader, first, last - first);
}

/// H x W x 3 of 8 bits from 1 x 3 x H x W in [0, 1]: clamped and rounded.
Image to_image(const at::Tensor& picture) {
  const at::Tensor bytes = (picture.squeeze(0).to(at::kFloat).nan_to_num(0).clamp(0, 1) * 255)
                               .round()
                               .to(at::kByte)
                               .to(at::kCPU)
                               .permute({1, 2, 0})
                               .contiguous();
  Image image(static_cast<int>(bytes.size(0)), static_cast<int>(bytes.size(1)));
  std::copy_n(bytes.data_ptr<std::uint8_t>(), bytes.numel(), image.pixels().data());
  return image;
}

}  // namespace

PhotoToAnime::PhotoToAnime(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data,
                           Communicator& ranks)
    : spec_(spec),
      data_(data),
      ranks_(ranks),
      steps_(spec, seed, data, ranks),
      evaluator_(measuring_features(spec), spec.evaluate, device()),
      health_(health_measures(spec.health), spec.health.end, spec.health.patience) {
  if (spec.train.ema > 0) average_.emplace(named_state(*steps_.networks().generator, "generator"), spec.train.ema);
}

void PhotoToAnime::capture_steps(const std::function<std::unique_ptr<GraphCapture>()>& make_capture) {
  captured_pretrain_.emplace(make_capture());
  captured_train_.emplace(make_capture());
}

at::Tensor PhotoToAnime::step(std::int64_t step) {
  StepInputs inputs = steps_.inputs(step);
  std::optional<CapturedStep>& captured = inputs.pretrains ? captured_pretrain_ : captured_train_;
  const at::Tensor losses = captured ? steps_.compute(inputs, *captured) : steps_.compute(inputs);
  if (average_) average_->update();
  return losses;
}

double PhotoToAnime::epoch(std::int64_t step) const {
  const double samples = static_cast<double>(steps_.first_batch(step) * spec_.data.batch);
  return std::round(samples / static_cast<double>(data_.photos.size()) * 1e4) / 1e4;
}

class PhotoToAnime::EvaluationGuard {
 public:
  explicit EvaluationGuard(PhotoToAnime& task) : task_(task) {
    if (task.average_) swapped_.emplace(*task.average_);
    task.steps_.networks().generator->eval();
  }
  ~EvaluationGuard() { task_.steps_.networks().generator->train(); }
  EvaluationGuard(const EvaluationGuard&) = delete;
  EvaluationGuard& operator=(const EvaluationGuard&) = delete;

 private:
  PhotoToAnime& task_;
  std::optional<MovingAverage::Swapped> swapped_;
  at::NoGradGuard no_grad_;
};

std::map<std::string, double> PhotoToAnime::observe(std::int64_t steps) {
  std::map<std::string, double> values = steps_.learning_rates(steps - 1);
  if (steps <= steps_.pretrain_steps()) return values;
  const std::int64_t photos = std::min(spec_.health.photos, data_.photos_val.size());
  if (photos < 1) return values;
  // On rank 0, so that all judge by the same bits.
  double measured[2] = {};
  if (ranks_.rank() == 0) {
    const EvaluationGuard evaluating(*this);
    const BatchLoader loader(data_.photos_val.column(),
                             {.crop = spec_.data.crop, .flip = false, .order = BatchLoader::Order::fixed});
    std::vector<at::Tensor> shown, outputs;
    for (std::int64_t i = 0; i < photos; ++i) {
      shown.push_back(fill(loader, i * data_.photos_val.size() / photos, 1).to(device()));
      outputs.push_back(steps_.networks().generate(shown.back()));
    }
    const at::Tensor output = at::cat(outputs), photo = at::cat(shown);
    measured[0] = output_change(output, photo).item<double>();
    if (photos > 1) measured[1] = output_spread(output, photo).item<double>();
  }
  ranks_.sum(std::span(measured));
  values["health.output_change"] = measured[0];
  if (photos > 1) values["health.output_spread"] = measured[1];
  return values;
}

std::optional<std::string> PhotoToAnime::reason_to_end(const std::map<std::string, double>& record) {
  return health_.observe(record);
}

std::map<std::string, double> PhotoToAnime::evaluate() {
  const EvaluationGuard evaluating(*this);
  const std::int64_t crop = spec_.evaluate.crop > 0 ? spec_.evaluate.crop : spec_.data.crop;
  Evaluator::Share share{.photos = fixed_share(data_.photos_val.column(), crop, ranks_).to(device()),
                         .anime = fixed_share(data_.anime_val.column(), crop, ranks_).to(device()),
                         .truth = {}};
  if (data_.photos_val.has(truth_column))
    share.truth = fixed_share(data_.photos_val.column(truth_column), crop, ranks_).to(device());
  return evaluator_.measure(
      share, [&](const at::Tensor& photos) { return steps_.networks().generate(photos); }, ranks_,
      [&] {
        if (ranks_.any(StopSignal::requested())) throw StoppedEarly();
      });
}

template <class Show>
void PhotoToAnime::each_sample(Show show) const {
  // Whole images where they are square and the networks can take them; spread over the set.
  const ImageSet& set = data_.photos_val;
  const std::int64_t side = std::min(set.height(), set.width()) / 8 * 8;
  const BatchLoader loader(set.column(), {.crop = side, .flip = false, .order = BatchLoader::Order::fixed});
  const std::int64_t count = std::min(spec_.record.samples, set.size());
  try {
    for (std::int64_t i = 0; i < count; ++i) show(i, fill(loader, i * set.size() / count, 1).to(device()));
  } catch (const std::exception& problem) {
    const std::optional<OutOfMemory> memory = as_out_of_memory(problem);
    if (!memory) throw;
    throw Error(
        format("{} to show validation photos whole, {} x {} pixels; set record.samples = 0, or pack smaller pictures",
               memory->what(), side, side));
  }
}

void PhotoToAnime::write_inputs(const std::filesystem::path& folder) {
  each_sample(
      [&](std::int64_t i, const at::Tensor& photo) { write_image(folder / format("{:02}.png", i), to_image(photo)); });
}

void PhotoToAnime::write_samples(const std::filesystem::path& folder) {
  const EvaluationGuard evaluating(*this);
  each_sample([&](std::int64_t i, const at::Tensor& photo) {
    if (StopSignal::requested()) throw StoppedEarly();
    write_image(folder / format("{:02}.png", i), to_image(steps_.networks().generate(photo)));
  });
}

void PhotoToAnime::save(TensorMap& model, TensorMap& rest) const {
  steps_.save(model, rest);
  if (average_) average_->save("average", model);
  health_.save("health", rest);
}

void PhotoToAnime::load(const TensorMap& model, const TensorMap& rest) {
  steps_.load(model, rest);
  if (average_) average_->load("average", model);
  health_.load("health", rest);
}

}  // namespace atelier
