#include "experiments/photo_to_anime/batch_source.h"

#include "framework/core/format.h"
#include "framework/core/log.h"

namespace atelier {
namespace {

enum Stream : std::uint32_t { photo_stream = 1, anime_stream = 2, smoothed_stream = 3 };

BatchLoader loader(const PhotoToAnimeSpec& spec, const ImageColumn& column, std::uint64_t seed, Stream stream) {
  return BatchLoader(column, {.crop = spec.data.crop,
                              .flip = spec.data.flip,
                              .seed = seed,
                              .stream = stream,
                              .channels_last = spec.speed.channels_last});
}

std::vector<Sample> samples(const BatchLoader& loader, std::int64_t first, std::int64_t count) {
  std::vector<Sample> result;
  for (std::int64_t n = first; n < first + count; ++n) result.push_back({loader.image(n), loader.flipped(n)});
  return result;
}

}  // namespace

PhotoToAnimeBatch PhotoToAnimeBatch::part(std::int64_t begin, std::int64_t count) const {
  const auto images = [&](const at::Tensor& all) { return all.defined() ? all.narrow(0, begin, count) : all; };
  const auto shown = [&](const std::vector<Sample>& all) {
    return all.empty() ? all : std::vector<Sample>(all.begin() + begin, all.begin() + begin + count);
  };
  return {images(photo), images(anime), images(smoothed), first + begin, shown(photo_samples), shown(anime_samples)};
}

BatchSource::BatchSource(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data, const Options& options)
    : options_(options),
      batch_(spec.data.batch),
      channels_last_(spec.speed.channels_last),
      ahead_(spec.speed.prefetch),
      photos_(loader(spec, data.photos.column(), options.seed, photo_stream)),
      anime_(loader(spec, data.anime.column(), options.seed, anime_stream)) {
  if (!term_that_needs_smoothed(spec.loss).empty())
    smoothed_.emplace(loader(spec, data.anime.column(smoothed_column), options.seed, smoothed_stream));
  if (options.resident_gb <= 0) return;
  const double needed = ResidentImages::gigabytes(data.photos.column()) +
                        ResidentImages::gigabytes(data.anime.column()) * (smoothed_ ? 2 : 1);
  if (needed > options.resident_gb) {
    log_info(format("batches are read from the host: the pictures take {:.2g} GB, more than speed.resident_gb = {}",
                    needed, options.resident_gb));
    return;
  }
  resident_photos_.emplace(data.photos.column(), options.device);
  resident_anime_.emplace(data.anime.column(), options.device);
  if (smoothed_) resident_smoothed_.emplace(data.anime.column(smoothed_column), options.device);
}

std::vector<at::Tensor> BatchSource::cut_resident(std::int64_t number) const {
  std::vector<at::Tensor> sets;
  const auto add = [&](const ResidentImages& images, const BatchLoader& loader) {
    const at::Tensor batch = images.cut(loader, first_sample(number), options_.slots).permute({0, 3, 1, 2});
    sets.push_back(channels_last_ ? batch : batch.contiguous());
  };
  add(*resident_photos_, photos_);
  if (number < options_.photos_only) return sets;
  add(*resident_anime_, anime_);
  if (smoothed_) add(*resident_smoothed_, *smoothed_);
  return sets;
}

std::int64_t BatchSource::floats() const { return options_.slots * photos_.floats_per_sample() * (smoothed_ ? 3 : 2); }

void BatchSource::fill(std::int64_t number, float* out) const {
  const std::int64_t first = first_sample(number), each = options_.slots * photos_.floats_per_sample();
  photos_.fill(first, options_.slots, out);
  if (number < options_.photos_only) return;
  anime_.fill(first, options_.slots, out + each);
  if (smoothed_) smoothed_->fill(first, options_.slots, out + 2 * each);
}

std::vector<at::Tensor> BatchSource::load(std::int64_t number) {
  const std::int64_t n = options_.slots, crop = photos_.crop();
  // A GPU fetches from pinned memory by itself, while this thread goes on.
  const bool gpu = !options_.device.is_cpu();
  at::Tensor all = at::empty({floats()}, at::TensorOptions().dtype(at::kFloat).pinned_memory(gpu));
  if (!ahead_) {
    fill(number, all.data_ptr<float>());
  } else {
    if (!prefetcher_ || number != next_) {
      prefetcher_ = std::make_unique<Prefetcher>(number, static_cast<std::size_t>(floats()),
                                                 [this](std::int64_t step, float* out) { fill(step, out); });
    }
    const std::span<const float> ready = prefetcher_->next();
    std::copy(ready.begin(), ready.end(), all.data_ptr<float>());
    next_ = number + 1;
  }
  if (gpu) all = all.to(options_.device, /*non_blocking=*/true);
  std::vector<at::Tensor> sets;
  for (std::int64_t which = 0; which < (smoothed_ ? 3 : 2); ++which) {
    const at::Tensor part = all.narrow(0, which * n * photos_.floats_per_sample(), n * photos_.floats_per_sample());
    sets.push_back(channels_last_ ? part.view({n, crop, crop, 3}).permute({0, 3, 1, 2})
                                  : part.view({n, 3, crop, crop}));
  }
  return sets;
}

PhotoToAnimeBatch BatchSource::read(std::int64_t number) {
  const std::vector<at::Tensor> sets = resident_photos_ ? cut_resident(number) : load(number);
  PhotoToAnimeBatch batch;
  batch.first = first_sample(number);
  batch.photo = sets[0];
  batch.photo_samples = samples(photos_, batch.first, options_.slots);
  if (number < options_.photos_only) return batch;
  batch.anime = sets[1];
  batch.anime_samples = samples(anime_, batch.first, options_.slots);
  if (smoothed_) batch.smoothed = sets[2];
  return batch;
}

}  // namespace atelier
