#pragma once

#include <functional>
#include <memory>
#include <span>

#include "experiments/features/feature_network.h"
#include "experiments/losses/perceptual_loss.h"
#include "experiments/photo_to_anime_data.h"
#include "framework/storage/entry_file.h"

namespace atelier {

/// Which picture of a data set, and whether mirrored: what a target depends on where the crop is the whole image.
struct Sample {
  std::int64_t image = 0;
  bool flipped = false;
};

/// What the content and style terms hold outputs against: features of photographs and Gram matrices of anime. They
/// never change, so they are computed once and kept in files beside the data sets (`FOLDER/cache`), which all runs on
/// these data share: other trials, other ranks. Where crops are cut at random places no two are alike, and nothing is
/// kept.
class LossTargets {
 public:
  /// What is kept where is said in the log. `network` must outlive it.
  LossTargets(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data, const FeatureNetwork& network);

  LossTargets(const LossTargets&) = delete;
  LossTargets& operator=(const LossTargets&) = delete;

  /// Features of `photos`, N x 3 x crop x crop, in single precision (double for double). `samples` says what they show,
  /// N of them; empty for pictures that are not of the data set.
  Features content(const at::Tensor& photos, std::span<const Sample> samples);
  /// The same of the Gram matrices of `anime`.
  Grams style(const at::Tensor& anime, std::span<const Sample> samples);

  /// How many targets were computed, rather than read, so far.
  std::int64_t computed() const { return computed_; }

 private:
  /// Of one kind of target: its tensors one after the other, each of one image.
  struct Kind {
    std::vector<std::string> layers;
    std::vector<std::vector<std::int64_t>> shapes;  // of one image: C x h x w or C x C
    std::function<Features(Features)> finish;       // from features of an image, or of several that are not kept
    std::unique_ptr<EntryFile> file;                // null when nothing is kept
    bool whole = false;                             // pictures are shown whole, so their targets never change
    std::int64_t numbers() const;
  };
  void open(Kind& kind, const char* name, const PhotoToAnimeSpec& spec, const ImageSet& set,
            const std::filesystem::path& folder);
  /// Rounded to the cache's precision, whether or not it is kept; of whole pictures each has the bits that it has
  /// alone. Throws `Error` for what "fp16" cannot hold.
  Features compute(const Kind& kind, const at::Tensor& images);
  Features get(Kind& kind, const at::Tensor& images, std::span<const Sample> samples);

  const FeatureNetwork& network_;
  bool half_, flips_;
  Kind content_, style_;
  double gigabytes_left_;  // of features.cache_gb
  std::int64_t computed_ = 0;
};

}  // namespace atelier
