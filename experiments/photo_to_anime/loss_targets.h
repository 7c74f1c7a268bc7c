#pragma once

#include <functional>
#include <memory>
#include <span>

#include "experiments/features/feature_network.h"
#include "experiments/photo_to_anime/batch.h"
#include "experiments/photo_to_anime/data.h"
#include "framework/storage/entry_file.h"

namespace atelier {

/// What terms of the losses hold outputs against (`LossNeeds::targets`): features of photographs, Gram matrices of
/// anime. They never change, so they are computed once and kept in files beside the data sets (`FOLDER/cache`), which
/// all runs on these data share: other trials, other ranks. Where crops are cut at random places no two are alike, and
/// nothing is kept.
class LossTargets {
 public:
  /// What is kept where is said in the log. `network` must outlive it.
  LossTargets(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data, const FeatureNetwork& network);

  LossTargets(const LossTargets&) = delete;
  LossTargets& operator=(const LossTargets&) = delete;

  /// The targets of a term, by the name it has in `losses.def`, in single precision (double for double).
  Features get(const std::string& term, const PhotoToAnimeBatch& batch);

  /// How many targets were computed, rather than read, so far.
  std::int64_t computed() const { return computed_; }

 private:
  /// Of one term: its tensors one after the other, each of one image.
  struct Kind {
    LossNeeds needs;
    std::vector<std::vector<std::int64_t>> shapes;  // of one image: C x h x w or C x C
    std::function<Features(Features)> finish;       // from features of an image, or of several that are not kept
    std::unique_ptr<EntryFile> file;                // null when nothing is kept
    bool whole = false;                             // pictures are shown whole, so their targets never change
    std::int64_t numbers() const;
  };
  void open(Kind& kind, std::string_view name, const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data);
  /// Rounded to the cache's precision, whether or not it is kept; of whole pictures each has the bits that it has
  /// alone. Throws `Error` for what "fp16" cannot hold.
  Features compute(const Kind& kind, const at::Tensor& images);
  Features get(Kind& kind, const at::Tensor& images, std::span<const Sample> samples);

  const FeatureNetwork& network_;
  bool half_, flips_;
  std::map<std::string, Kind> kinds_;  // by the term's name
  double gigabytes_left_;              // of features.cache_gb
  std::int64_t computed_ = 0;
};

}  // namespace atelier
