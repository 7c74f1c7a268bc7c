#pragma once

#include <optional>
#include <vector>

#include "experiments/photo_to_anime/batch.h"
#include "experiments/photo_to_anime/data.h"
#include "experiments/photo_to_anime/resident_images.h"
#include "framework/data/batch_loader.h"
#include "framework/data/prefetcher.h"

namespace atelier {

/// Reads this rank's part of batch after batch. Photos, anime and smoothed anime are three shuffles that do not move
/// together. Batches are numbered; a batch is a function of (seed, number) alone, read ahead on a thread of its own
/// when they are asked for in order.
class BatchSource {
 public:
  struct Options {
    std::uint64_t seed = 0;
    std::int64_t first_slot = 0, slots = 1;  ///< This rank's part of each batch.
    std::int64_t photos_only = 0;            ///< The first so many batches need photos alone.
    c10::Device device = c10::kCPU;          ///< Where the batches go.
    double resident_gb = 0;                  ///< Sets that fit in so many GB of the device's memory stay there.
  };
  /// `data` must outlive it.
  BatchSource(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data, const Options& options);

  BatchSource(const BatchSource&) = delete;
  BatchSource& operator=(const BatchSource&) = delete;

  PhotoToAnimeBatch read(std::int64_t number);

 private:
  /// A batch's photos, anime and smoothed anime (at least what it needs of them), where they go: cut out of what is
  /// resident, or read.
  std::vector<at::Tensor> cut_resident(std::int64_t number) const;
  std::vector<at::Tensor> load(std::int64_t number);
  std::int64_t floats() const;
  void fill(std::int64_t number, float* out) const;
  std::int64_t first_sample(std::int64_t number) const { return number * batch_ + options_.first_slot; }

  Options options_;
  std::int64_t batch_;
  bool channels_last_, ahead_;
  BatchLoader photos_, anime_;
  std::optional<BatchLoader> smoothed_;
  std::optional<ResidentImages> resident_photos_, resident_anime_, resident_smoothed_;  // all that there are, or none
  std::int64_t next_ = -1;  // what the prefetcher gives next
  std::unique_ptr<Prefetcher> prefetcher_;
};

}  // namespace atelier
