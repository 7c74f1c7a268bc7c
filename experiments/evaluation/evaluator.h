#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "experiments/features/feature_network.h"
#include "experiments/photo_to_anime/spec.h"
#include "framework/distributed/communicator.h"

namespace atelier {

/// Measures outputs on held-out images in ways that do not depend on the weights of the losses, so that trials compare.
/// Outputs are clamped to [0, 1] first, as they are when they are written.
///
/// - `eval.content`: mean absolute difference of the features of photo and output at a layer that the loss does not
/// use,
///   divided by the mean absolute value of the photo's: 0 is the photograph itself.
/// - `eval.style`: the Frobenius distance of the mean Gram matrices of outputs and of anime, divided by the norm of the
///   anime's, mean over layers: 0 has the textures of the anime set.
/// - `eval.identity`: mean absolute difference of output and photo in [0, 1]: 0 means nothing was changed.
/// - `eval.kid`, `eval.fid`: `kernel_distance` and `frechet_distance` of outputs and anime: 0 cannot be told from
/// anime.
/// - `eval.kid_photo`, `eval.fid_photo`: `paired_kernel_distance` and `frechet_distance` of outputs and photos: near 0
/// the
///   outputs still are photographs.
/// - `eval.ssim`: mean `structural_similarity` of photo and output: 1 has the photograph's structure.
/// - `eval.truth`: mean absolute difference of output and true picture in [0, 1]; only where there are true pictures.
///
/// The features of KID and FID are the means over the pixels of `EvaluateSpec::pooled_layer`, one vector an image,
/// divided by one number: the root mean square of all those of the held-out anime. Without it networks whose features
/// are in the hundreds, as VGG's are, give values beyond 1e14 in which the kernel's 1 is lost. With fewer than 2 images
/// on a side they are not defined and left out.
class Evaluator {
 public:
  /// A rank's part of the validation images, each N x 3 x H x W in [0, 1]. N may be 0, and differs from rank to rank.
  struct Share {
    at::Tensor photos, anime;
    at::Tensor truth;  ///< What the photos should become, one for one; undefined, on all ranks, when nobody knows.
  };

  /// Throws `UsageError` as `FeatureNetwork` does.
  Evaluator(const FeaturesSpec& features, const EvaluateSpec& spec, c10::Device device = c10::kCPU);

  /// `generate` turns a batch of photos into outputs. Collective; every rank gets the same numbers. The anime and the
  /// photos must be the same each time: what depends on them alone is computed the first time and kept. `pause` is
  /// called between batches, equally often on every rank; it may throw, on all ranks together.
  std::map<std::string, double> measure(
      const Share& share, const std::function<at::Tensor(const at::Tensor&)>& generate, Communicator& ranks,
      const std::function<void()>& pause = [] {});

 private:
  using Features = std::map<std::string, at::Tensor>;  // layer to N x C x h x w
  using Grams = std::map<std::string, at::Tensor>;     // layer to C x C, in double precision
  /// Of all ranks together; they never change, so they are computed once.
  struct Reference {
    Grams anime_grams;                          // means over the images
    at::Tensor anime_features, photo_features;  // images x channels of the pooled layer
    double scale = 1;                           // of the features: their root mean square
  };
  Grams zero_grams() const;
  void add_grams(const Features& features, Grams& sums) const;
  at::Tensor pooled(const Features& features) const;
  const Reference& reference(const Share& share, Communicator& ranks, const std::function<void()>& pause);

  EvaluateSpec spec_;
  FeatureNetwork network_;
  std::optional<Reference> reference_;
};

}  // namespace atelier
