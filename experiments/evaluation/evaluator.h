#pragma once

#include <ATen/ATen.h>

#include <functional>
#include <map>
#include <string>

#include "experiments/features/feature_network.h"
#include "experiments/photo_to_anime_spec.h"
#include "framework/distributed/communicator.h"

namespace atelier {

/// Measures outputs on held-out images in ways that do not depend on the weights of the losses, so that trials compare.
///
/// - `eval.content`: mean absolute difference of the features of photo and output at a layer that the loss does not use,
///   divided by the mean absolute value of the photo's: 0 is the photograph itself.
/// - `eval.style`: the Frobenius distance of the mean Gram matrices of outputs and of anime, divided by the norm of the
///   anime's, mean over layers: 0 has the textures of the anime set.
/// - `eval.identity`: mean absolute difference of output and photo in [0, 1]: 0 means nothing was changed.
class Evaluator {
 public:
  /// Throws `UsageError` as `FeatureNetwork` does.
  Evaluator(const FeaturesSpec& features, const EvaluateSpec& spec);

  /// `photos`, `anime`: this rank's share of the validation images, each N x 3 x H x W; they may be empty. `generate`
  /// turns a batch of photos into outputs. Collective; every rank gets the same numbers.
  std::map<std::string, double> measure(const at::Tensor& photos, const at::Tensor& anime,
                                        const std::function<at::Tensor(const at::Tensor&)>& generate, Communicator& ranks);

 private:
  using Grams = std::map<std::string, at::Tensor>;  // layer to C x C, summed over images, in double precision
  Grams zero_grams() const;
  Grams summed_grams(const std::map<std::string, at::Tensor>& features) const;
  const Grams& anime_grams(const at::Tensor& anime, Communicator& ranks);

  EvaluateSpec spec_;
  FeatureNetwork network_;
  Grams anime_means_;  // of all ranks; they never change, so they are computed once
};

}  // namespace atelier
