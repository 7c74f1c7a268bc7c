#pragma once

#include <memory>
#include <optional>

#include "experiments/discriminators/discriminator.h"
#include "experiments/features/feature_network.h"
#include "experiments/generators/generator.h"
#include "experiments/losses/loss_term.h"
#include "experiments/photo_to_anime/spec.h"

namespace atelier {

/// The frozen network of a spec's losses; none when no term needs one. Throws `UsageError` as `FeatureNetwork` does.
std::optional<FeatureNetwork> make_loss_features(const PhotoToAnimeSpec& spec);

/// The networks of a training, in the precision and the memory order they compute in. What they give is in the
/// precision of losses: single, where they compute in bf16.
struct GanNetworks {
  /// Throws `UsageError` as `make_loss_features` does. `ranks` must outlive it.
  GanNetworks(const PhotoToAnimeSpec& spec, std::int64_t seed, TensorReduction& ranks, c10::Device device);

  at::Tensor generate(const at::Tensor& photos) const;
  /// The discriminator's logits, scale by scale.
  std::vector<at::Tensor> judge(const at::Tensor& pictures) const;
  /// At the layers of all terms of the losses.
  Features features_of(const at::Tensor& pictures) const;

  std::shared_ptr<Generator> generator;
  std::shared_ptr<Discriminator> discriminator;
  std::optional<FeatureNetwork> features;

 private:
  at::Tensor cast(const at::Tensor& pictures) const;
  bool half_, channels_last_;
};

}  // namespace atelier
