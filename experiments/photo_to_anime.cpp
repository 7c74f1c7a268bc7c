#include "experiments/photo_to_anime.h"

#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "experiments/losses/perceptual.h"
#include "experiments/losses/perceptual_loss.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/data/batch_loader.h"
#include "framework/images/image_file.h"

namespace atelier {
namespace {

// Photos, anime and smoothed anime are three shuffles that do not move together.
enum Stream : std::uint32_t { photo_stream = 1, anime_stream = 2, smoothed_stream = 3 };

std::int64_t steps_of(const Length& length, std::int64_t images, std::int64_t batch) {
  return length.steps ? length.steps : (length.epochs * images + batch - 1) / batch;
}

Adam::Options options_of(const OptimizerSpec& spec) {
  return {.beta1 = spec.betas[0], .beta2 = spec.betas[1], .epsilon = spec.epsilon};
}

/// The mean of a loss over the scales' logits.
template <class Loss>
at::Tensor over_scales(const std::vector<at::Tensor>& logits, Loss loss) {
  at::Tensor sum;
  for (const at::Tensor& scale : logits) sum = sum.defined() ? sum + loss(scale) : loss(scale);
  return logits.size() == 1 ? sum : sum / static_cast<double>(logits.size());
}

at::Tensor fill(const BatchLoader& loader, std::int64_t first, std::int64_t count) {
  at::Tensor images = at::empty({count, 3, loader.crop(), loader.crop()});
  loader.fill(first, count, images.data_ptr<float>());
  return images;
}

/// This rank's part of a split's images, or of their true pictures, in their fixed order, their middles:
/// N x 3 x crop x crop, N may be 0.
at::Tensor fixed_share(const ImageSet& set, std::int64_t crop, const Communicator& ranks, bool truth = false) {
  const BatchLoader loader(set, {.crop = crop, .flip = false, .truth = truth, .order = BatchLoader::Order::fixed});
  const std::int64_t first = set.size() * ranks.rank() / ranks.size();
  const std::int64_t last = set.size() * (ranks.rank() + 1) / ranks.size();
  return fill(loader, first, last - first);
}

/// H x W x 3 of 8 bits from 1 x 3 x H x W in [0, 1]: clamped and rounded.
Image to_image(const at::Tensor& picture) {
  const at::Tensor bytes =
      (picture.squeeze(0).to(at::kFloat).clamp(0, 1) * 255).round().to(at::kByte).permute({1, 2, 0}).contiguous();
  Image image(static_cast<int>(bytes.size(0)), static_cast<int>(bytes.size(1)));
  std::copy_n(bytes.data_ptr<std::uint8_t>(), bytes.numel(), image.pixels().data());
  return image;
}

}  // namespace

std::optional<FeatureNetwork> make_loss_features(const PhotoToAnimeSpec& spec) {
  const std::vector<std::string> layers = training_layers(spec);
  if (layers.empty()) return std::nullopt;
  return FeatureNetwork(network_layout(spec.features.network), spec.features.weights,
                        FeatureNetwork::preprocess_from(spec.features.preprocess), layers);
}

LossWeights LossWeights::of(const LossSpec& s) {
  return {.adversarial = s.adversarial.weight,
          .smooth = s.smooth.weight,
          .content = s.content.weight,
          .style = s.style.weight,
          .color = s.color.weight,
          .tv = s.tv_weight,
          .identity = s.identity_weight};
}

std::vector<std::pair<std::string, at::Tensor>> named_parameters(const torch::nn::Module& network, const std::string& prefix) {
  std::vector<std::pair<std::string, at::Tensor>> result;
  for (const auto& item : network.named_parameters()) result.emplace_back(prefix + "." + item.key(), item.value());
  return result;
}

PhotoToAnime::Networks::Networks(const PhotoToAnimeSpec& spec, std::int64_t seed, Communicator& ranks) {
  // Seeds of their own: the generator's first weights do not depend on the discriminator's architecture.
  Initializer first(static_cast<std::uint64_t>(2 * seed)), second(static_cast<std::uint64_t>(2 * seed + 1));
  const Kernels kernels{.winograd = spec.speed.winograd, .fused_norm = spec.speed.fused_norm};
  generator = make_generator(spec.generator, {first, ranks, kernels});
  discriminator = make_discriminator(spec.discriminator, {second, ranks, kernels});
}

PhotoToAnime::PhotoToAnime(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data, Communicator& ranks)
    : spec_(spec),
      seed_(seed),
      data_(data),
      ranks_(ranks),
      pretrain_steps_(steps_of(spec.pretrain.length, data.photos.size(), spec.data.batch)),
      train_steps_(steps_of(spec.train.length, data.photos.size(), spec.data.batch)),
      first_slot_(spec.data.batch * ranks.rank() / ranks.size()),
      slots_(spec.data.batch * (ranks.rank() + 1) / ranks.size() - first_slot_),
      networks_(spec, seed, ranks),
      features_(make_loss_features(spec)),
      adversarial_(spec.loss.adversarial.kind),
      evaluator_(spec.features, spec.evaluate),
      generator_parameters_(networks_.generator->parameters()),
      discriminator_parameters_(networks_.discriminator->parameters()),
      generator_optimizer_(named_parameters(*networks_.generator, "generator"), options_of(spec.train.generator)),
      discriminator_optimizer_(named_parameters(*networks_.discriminator, "discriminator"), options_of(spec.train.discriminator)),
      generator_reducer_(ranks, generator_parameters_),
      discriminator_reducer_(ranks, discriminator_parameters_) {}

double PhotoToAnime::epoch(std::int64_t step) const {
  const double samples = static_cast<double>(step * spec_.data.batch);
  return std::round(samples / static_cast<double>(data_.photos.size()) * 1e4) / 1e4;
}

std::vector<std::string> PhotoToAnime::metric_names(const std::string& phase) const {
  if (phase == "pretrain") return {"generator.content", "generator.total"};
  std::vector<std::string> names{"generator.adversarial"};
  const auto add = [&](double weight, const char* name) {
    if (weight > 0) names.emplace_back(name);
  };
  add(spec_.loss.content.weight, "generator.content");
  add(spec_.loss.style.weight, "generator.style");
  add(spec_.loss.color.weight, "generator.color");
  add(spec_.loss.tv_weight, "generator.tv");
  add(spec_.loss.identity_weight, "generator.identity");
  names.emplace_back("generator.total");
  names.emplace_back("discriminator.real");
  names.emplace_back("discriminator.fake");
  add(spec_.loss.smooth.weight, "discriminator.smooth");
  names.emplace_back("discriminator.total");
  return names;
}

PhotoToAnimeBatch PhotoToAnime::load_batch(std::int64_t step) const {
  const auto loader = [&](const ImageSet& set, Stream stream, bool smoothed) {
    return BatchLoader(set, {.crop = spec_.data.crop,
                             .flip = spec_.data.flip,
                             .seed = static_cast<std::uint64_t>(seed_),
                             .stream = stream,
                             .smoothed = smoothed});
  };
  const std::int64_t first = step * spec_.data.batch + first_slot_;
  PhotoToAnimeBatch batch;
  batch.photo = fill(loader(data_.photos, photo_stream, false), first, slots_);
  if (step < pretrain_steps_) return batch;
  batch.anime = fill(loader(data_.anime, anime_stream, false), first, slots_);
  if (spec_.loss.smooth.weight > 0) batch.smoothed = fill(loader(data_.anime, smoothed_stream, true), first, slots_);
  return batch;
}

at::Tensor PhotoToAnime::step(std::int64_t step) {
  const PhotoToAnimeBatch batch = load_batch(step);
  const double share = static_cast<double>(slots_) / static_cast<double>(spec_.data.batch);
  if (step < pretrain_steps_) {
    const at::Tensor losses = pretrain_gradients(batch, share);
    generator_reducer_.wait();
    generator_optimizer_.step(spec_.pretrain.lr);
    return losses;
  }
  const at::Tensor losses = train_gradients(batch, LossWeights::of(spec_.loss), share);
  discriminator_reducer_.wait();
  generator_reducer_.wait();
  discriminator_optimizer_.step(spec_.train.discriminator.lr);
  generator_optimizer_.step(spec_.train.generator.lr);
  return losses;
}

at::Tensor PhotoToAnime::pretrain_gradients(const PhotoToAnimeBatch& batch, double share) {
  std::map<std::string, at::Tensor> target;
  {
    const at::NoGradGuard no_grad;
    target = features_->forward(batch.photo);
  }
  const at::Tensor output = networks_.generator->forward(batch.photo);
  const at::Tensor content = content_distance(spec_.loss.content, features_->forward(output), target);
  const at::Tensor total = spec_.pretrain.content_weight * content;
  torch::autograd::backward({total * share}, {}, /*retain_graph=*/false, /*create_graph=*/false, generator_parameters_);
  return at::stack({content.detach(), total.detach()}) * share;
}

at::Tensor PhotoToAnime::train_gradients(const PhotoToAnimeBatch& batch, const LossWeights& weights, double share) {
  Generator& generator = *networks_.generator;
  Discriminator& discriminator = *networks_.discriminator;
  const at::Tensor output = generator.forward(batch.photo);

  // The discriminator. Real and smoothed pictures go through it together: no norm here mixes images. The pass of the
  // output serves both networks' losses, since both gradients are of the weights before the step.
  const bool smooths = weights.smooth > 0;
  const std::vector<at::Tensor> logits = discriminator.forward(smooths ? at::cat({batch.anime, batch.smoothed}) : batch.anime);
  const std::int64_t n = batch.anime.size(0);
  const std::vector<at::Tensor> output_logits = discriminator.forward(output);
  const at::Tensor real = over_scales(logits, [&](const at::Tensor& l) { return adversarial_.real(l.narrow(0, 0, n)); });
  const at::Tensor fake = over_scales(output_logits, [&](const at::Tensor& l) { return adversarial_.fake(l); });
  at::Tensor discriminator_total = real + fake;
  std::vector<at::Tensor> discriminator_losses{real, fake};
  if (smooths) {
    const at::Tensor smooth = over_scales(logits, [&](const at::Tensor& l) { return adversarial_.fake(l.narrow(0, n, n)); });
    discriminator_losses.push_back(smooth);
    discriminator_total = discriminator_total + weights.smooth * smooth;
  }
  discriminator_losses.push_back(discriminator_total);
  torch::autograd::backward({discriminator_total * share}, {}, /*retain_graph=*/true, /*create_graph=*/false,
                            discriminator_parameters_);

  // The generator.
  std::vector<at::Tensor> losses{
      over_scales(output_logits, [&](const at::Tensor& l) { return adversarial_.generator(l); })};
  at::Tensor total = weights.adversarial * losses.front();
  const auto add = [&](double weight, const at::Tensor& loss) {
    losses.push_back(loss);
    total = total + weight * loss;
  };
  const bool content = weights.content > 0, style = weights.style > 0;
  if (content || style) {
    std::map<std::string, at::Tensor> photo_features, anime_features;
    {
      const at::NoGradGuard no_grad;
      if (content) photo_features = features_->forward(batch.photo);
      if (style) anime_features = features_->forward(batch.anime);
    }
    const auto output_features = features_->forward(output);
    const LossSpec& spec = spec_.loss;
    if (content) add(weights.content, content_distance(spec.content, output_features, photo_features));
    if (style) add(weights.style, style_distance(spec.style, output_features, gram_matrices(spec.style, anime_features)));
  }
  if (weights.color > 0) add(weights.color, color_distance(spec_.loss.color.space, batch.photo, output));
  if (weights.tv > 0) add(weights.tv, total_variation(output));
  if (weights.identity > 0) add(weights.identity, (generator.forward(batch.anime) - batch.anime).abs().mean());
  losses.push_back(total);
  torch::autograd::backward({total * share}, {}, /*retain_graph=*/false, /*create_graph=*/false, generator_parameters_);

  losses.insert(losses.end(), discriminator_losses.begin(), discriminator_losses.end());
  for (at::Tensor& loss : losses) loss = loss.detach();
  return at::stack(losses) * share;
}

std::map<std::string, double> PhotoToAnime::observe(std::int64_t) { return {}; }
std::optional<std::string> PhotoToAnime::reason_to_end(const std::map<std::string, double>&) { return std::nullopt; }
std::string PhotoToAnime::first_not_finite(std::int64_t) { return {}; }

std::map<std::string, double> PhotoToAnime::evaluate() {
  Evaluator::Share share{fixed_share(data_.photos_val, spec_.data.crop, ranks_),
                         fixed_share(data_.anime_val, spec_.data.crop, ranks_), {}};
  if (data_.photos_val.has_truth()) share.truth = fixed_share(data_.photos_val, spec_.data.crop, ranks_, /*truth=*/true);
  return evaluator_.measure(share, [&](const at::Tensor& photos) { return networks_.generator->forward(photos); }, ranks_);
}

template <class Show>
void PhotoToAnime::each_sample(Show show) const {
  // Whole images where they are square and the networks can take them; spread over the set.
  const ImageSet& set = data_.photos_val;
  const std::int64_t side = std::min(set.height(), set.width()) / 8 * 8;
  const BatchLoader loader(set, {.crop = side, .flip = false, .order = BatchLoader::Order::fixed});
  const std::int64_t count = std::min(spec_.record.samples, set.size());
  for (std::int64_t i = 0; i < count; ++i) show(i, fill(loader, i * set.size() / count, 1));
}

void PhotoToAnime::write_inputs(const std::filesystem::path& folder) {
  each_sample([&](std::int64_t i, const at::Tensor& photo) { write_image(folder / format("{:02}.png", i), to_image(photo)); });
}

void PhotoToAnime::write_samples(const std::filesystem::path& folder) {
  const at::NoGradGuard no_grad;
  each_sample([&](std::int64_t i, const at::Tensor& photo) {
    write_image(folder / format("{:02}.png", i), to_image(networks_.generator->forward(photo)));
  });
}

void PhotoToAnime::save(TensorMap& model, TensorMap& rest) const {
  for (const auto& [name, tensor] : named_parameters(*networks_.generator, "generator")) model[name] = tensor;
  for (const auto& [name, tensor] : named_parameters(*networks_.discriminator, "discriminator")) model[name] = tensor;
  generator_optimizer_.save("generator_optimizer", rest);
  discriminator_optimizer_.save("discriminator_optimizer", rest);
}

void PhotoToAnime::load(const TensorMap& model, const TensorMap& rest) {
  for (const auto& [name, tensor] : named_parameters(*networks_.generator, "generator")) restore(model, name, tensor);
  for (const auto& [name, tensor] : named_parameters(*networks_.discriminator, "discriminator")) restore(model, name, tensor);
  generator_optimizer_.load("generator_optimizer", rest);
  discriminator_optimizer_.load("discriminator_optimizer", rest);
}

void PhotoToAnime::to(at::ScalarType type) {
  networks_.generator->to(type);
  networks_.discriminator->to(type);
  if (features_) features_->to(type);
}

}  // namespace atelier
