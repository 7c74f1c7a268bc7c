#include "experiments/photo_to_anime/networks.h"

namespace atelier {
namespace {

/// Our own kernels are for processors.
Kernels kernels_of(const SpeedSpec& speed, const std::string& precision, c10::Device device) {
  if (!device.is_cpu()) return {.winograd = false, .fused_norm = false};
  // What tiles of 4 round is a fiftieth of what 16 bits round.
  const bool four = speed.convolution == "winograd4" || precision == "bf16";
  return {.winograd = speed.convolution != "direct" && speed.channels_last,
          .tile = four ? WinogradTile::four : WinogradTile::two,
          .fused_norm = speed.fused_norm};
}

at::Tensor as_losses_take_it(const at::Tensor& x) { return x.scalar_type() == at::kBFloat16 ? x.to(at::kFloat) : x; }

}  // namespace

std::optional<FeatureNetwork> make_loss_features(const PhotoToAnimeSpec& spec) {
  const std::vector<std::string> layers = training_layers(spec);
  if (layers.empty()) return std::nullopt;
  return FeatureNetwork(feature_networks().at(spec.features.network), spec.features.weights,
                        FeatureNetwork::preprocess_from(spec.features.preprocess), layers);
}

GanNetworks::GanNetworks(const PhotoToAnimeSpec& spec, std::int64_t seed, TensorReduction& ranks, c10::Device device)
    : features(make_loss_features(spec)),
      half_(spec.train.precision == "bf16"),
      channels_last_(spec.speed.channels_last) {
  // Seeds of their own: the generator's first weights do not depend on the discriminator's architecture.
  const auto twice = 2 * static_cast<std::uint64_t>(seed);
  Initializer first(twice), second(twice + 1);
  const Kernels kernels = kernels_of(spec.speed, spec.train.precision, device);
  generator = make_generator(spec.generator, {first, ranks, kernels});
  // The gradient penalty needs second derivatives, which the fast ways do not have.
  const bool second_derivatives = spec.loss.adversarial.penalizes();
  discriminator = make_discriminator(
      spec.discriminator,
      {second, ranks, second_derivatives ? Kernels{.winograd = false, .fused_norm = false} : kernels});
  if (!device.is_cpu()) {
    generator->to(device);
    discriminator->to(device);
  }
  if (!features) return;
  features->to(device);
  if (kernels.winograd) features->use_winograd(kernels.tile);
  if (half_) features->to(at::kBFloat16);
}

at::Tensor GanNetworks::cast(const at::Tensor& pictures) const {
  const at::Tensor x = half_ ? pictures.to(at::kBFloat16) : pictures;
  return channels_last_ ? x.contiguous(at::MemoryFormat::ChannelsLast) : x;
}

at::Tensor GanNetworks::generate(const at::Tensor& photos) const {
  return as_losses_take_it(generator->forward(cast(photos)));
}

std::vector<at::Tensor> GanNetworks::judge(const at::Tensor& pictures) const {
  std::vector<at::Tensor> logits = discriminator->forward(cast(pictures));
  for (at::Tensor& scale : logits) scale = as_losses_take_it(scale);
  return logits;
}

Features GanNetworks::features_of(const at::Tensor& pictures) const {
  Features seen = features->forward(pictures);
  for (auto& [layer, tensor] : seen) tensor = as_losses_take_it(tensor);
  return seen;
}

}  // namespace atelier
