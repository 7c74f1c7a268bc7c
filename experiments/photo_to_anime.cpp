#include "experiments/photo_to_anime.h"

#include <torch/csrc/autograd/autograd.h>

#include <cmath>

#include "experiments/health/health_measures.h"
#include "experiments/layers/network_state.h"
#include "experiments/losses/gradient_penalty.h"
#include "experiments/losses/perceptual.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/random.h"
#include "framework/core/stop_signal.h"
#include "framework/data/batch_loader.h"
#include "framework/images/image_file.h"
#include "framework/training/device.h"
#include "framework/training/gradients.h"
#include "framework/training/out_of_memory.h"

namespace atelier {
namespace {

std::int64_t steps_of(const Length& length, std::int64_t images, std::int64_t photos_a_step) {
  return length.steps ? length.steps : (length.epochs * images + photos_a_step - 1) / photos_a_step;
}

at::Tensor fill(const BatchLoader& loader, std::int64_t first, std::int64_t count) {
  at::Tensor images = at::empty({count, 3, loader.crop(), loader.crop()});
  loader.fill(first, count, images.data_ptr<float>());
  return images;
}

/// This rank's part of a split's images in their fixed order, their middles: N x 3 x crop x crop, N may be 0.
at::Tensor fixed_share(const ImageSet& set, std::int64_t crop, const Communicator& ranks, bool truth = false) {
  const BatchLoader loader(set, {.crop = crop, .flip = false, .truth = truth, .order = BatchLoader::Order::fixed});
  const std::int64_t first = set.size() * ranks.rank() / ranks.size();
  const std::int64_t last = set.size() * (ranks.rank() + 1) / ranks.size();
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

std::optional<FeatureNetwork> make_loss_features(const PhotoToAnimeSpec& spec) {
  const std::vector<std::string> layers = training_layers(spec);
  if (layers.empty()) return std::nullopt;
  return FeatureNetwork(network_layout(spec.features.network), spec.features.weights,
                        FeatureNetwork::preprocess_from(spec.features.preprocess), layers);
}

std::int64_t training_steps(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data) {
  return steps_of(spec.train.length, data.photos.size(), spec.data.batch * spec.train.discriminator_steps);
}

LossWeights LossWeights::of(const LossSpec& s) {
  return {.adversarial = s.adversarial.weight,
          .penalty = s.adversarial.kind == "wgan-gp" ? s.adversarial.penalty : 0,
          .smooth = s.smooth.weight,
          .content = s.content.weight,
          .style = s.style.weight,
          .color = s.color.weight,
          .tv = s.tv_weight,
          .identity = s.identity_weight};
}

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

}  // namespace

PhotoToAnime::Networks::Networks(const PhotoToAnimeSpec& spec, std::int64_t seed, Communicator& ranks,
                                 c10::Device device) {
  // Seeds of their own: the generator's first weights do not depend on the discriminator's architecture.
  const auto twice = 2 * static_cast<std::uint64_t>(seed);
  Initializer first(twice), second(twice + 1);
  const Kernels kernels = kernels_of(spec.speed, spec.train.precision, device);
  generator = make_generator(spec.generator, {first, ranks, kernels});
  // The gradient penalty needs second derivatives, which the fast ways do not have.
  const bool second_derivatives = spec.loss.adversarial.kind == "wgan-gp" && spec.loss.adversarial.penalty > 0;
  discriminator = make_discriminator(
      spec.discriminator,
      {second, ranks, second_derivatives ? Kernels{.winograd = false, .fused_norm = false} : kernels});
  if (device.is_cpu()) return;
  generator->to(device);
  discriminator->to(device);
}

PhotoToAnime::Updater::Updater(const torch::nn::Module& network, const char* name, const OptimizerSpec& spec,
                               std::int64_t steps, Communicator& ranks)
    : parameters(network.parameters()),
      schedule{.lr = spec.lr,
               .kind = Schedule::kind_from(spec.schedule),
               .warmup = spec.warmup,
               .hold = spec.hold,
               .final = spec.final,
               .total = steps},
      reducer(ranks, parameters) {
  NamedTensors named;
  for (const auto& item : network.named_parameters())
    named.emplace_back(std::string(name) + "." + item.key(), item.value());
  optimizer = make_optimizer(
      spec.optimizer, std::move(named),
      {.beta1 = spec.betas[0], .beta2 = spec.betas[1], .epsilon = spec.epsilon, .weight_decay = spec.weight_decay});
}

at::Tensor PhotoToAnime::Updater::update(const at::Tensor& rate, double clip) {
  reducer.wait();
  const at::Tensor norm = clip > 0 ? clip_gradients(parameters, clip) : gradient_norm(parameters);
  optimizer->apply(rate);
  return norm;
}

PhotoToAnime::PhotoToAnime(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data,
                           Communicator& ranks)
    : spec_(spec),
      seed_(seed),
      data_(data),
      ranks_(ranks),
      first_slot_(spec.data.batch * ranks.rank() / ranks.size()),
      slots_(spec.data.batch * (ranks.rank() + 1) / ranks.size() - first_slot_),
      pretrain_steps_(steps_of(spec.pretrain.length, data.photos.size(), spec.data.batch)),
      train_steps_(training_steps(spec, data)),
      device_(open_device(spec.train.device)),
      networks_(spec, seed, ranks, device_),
      features_(make_loss_features(spec)),
      batches_(spec, data,
               {.seed = static_cast<std::uint64_t>(seed),
                .first_slot = first_slot_,
                .slots = slots_,
                .photos_only = pretrain_steps_,
                .device = device_,
                .resident_gb = device_.is_cpu() ? 0 : spec.speed.resident_gb}),
      adversarial_(spec.loss.adversarial.kind),
      evaluator_(measuring_features(spec), spec.evaluate, device_),
      generator_updater_(*networks_.generator, "generator", spec.train.generator, train_steps_, ranks),
      discriminator_updater_(*networks_.discriminator, "discriminator", spec.train.discriminator, train_steps_, ranks),
      health_(spec.health) {
  if (!device_.is_cpu()) allow_tf32(spec.train.precision == "tf32");
  if (features_) {
    const Kernels kernels = kernels_of(spec.speed, spec.train.precision, device_);
    features_->to(device_);
    if (kernels.winograd) features_->use_winograd(kernels.tile);
    if (spec.train.precision == "bf16") features_->to(at::kBFloat16);
    targets_.emplace(spec, data, *features_);
  }
  if (spec.train.ema > 0) average_.emplace(named_state(*networks_.generator, "generator"), spec.train.ema);
}

std::int64_t PhotoToAnime::batch_number(std::int64_t step, std::int64_t update) const {
  if (step < pretrain_steps_) return step;
  return pretrain_steps_ + (step - pretrain_steps_) * spec_.train.discriminator_steps + update;
}

double PhotoToAnime::epoch(std::int64_t step) const {
  const double samples = static_cast<double>(batch_number(step, 0) * spec_.data.batch);
  return std::round(samples / static_cast<double>(data_.photos.size()) * 1e4) / 1e4;
}

std::vector<std::string> PhotoToAnime::loss_names(const std::string& phase) const {
  if (phase == "pretrain") return {"generator.content", "generator.total"};
  std::vector<std::string> names{"generator.adversarial"};
  const auto add = [&](double weight, const char* name) {
    if (weight > 0) names.emplace_back(name);
  };
  const LossWeights weights = LossWeights::of(spec_.loss);
  add(weights.content, "generator.content");
  add(weights.style, "generator.style");
  add(weights.color, "generator.color");
  add(weights.tv, "generator.tv");
  add(weights.identity, "generator.identity");
  names.emplace_back("generator.total");
  names.emplace_back("discriminator.real");
  names.emplace_back("discriminator.fake");
  add(weights.smooth, "discriminator.smooth");
  add(weights.penalty, "discriminator.penalty");
  names.emplace_back("discriminator.total");
  return names;
}

std::vector<std::string> PhotoToAnime::metric_names(const std::string& phase) const {
  std::vector<std::string> names = loss_names(phase);
  if (phase != "pretrain") names.emplace_back("health.discriminator_lead");
  names.emplace_back("health.generator_gradient");
  if (phase != "pretrain") names.emplace_back("health.discriminator_gradient");
  return names;
}

class PhotoToAnime::Evaluating {
 public:
  explicit Evaluating(PhotoToAnime& task) : task_(task) {
    if (task.average_) swapped_.emplace(*task.average_);
    task.networks_.generator->eval();
  }
  ~Evaluating() { task_.networks_.generator->train(); }
  Evaluating(const Evaluating&) = delete;
  Evaluating& operator=(const Evaluating&) = delete;

 private:
  PhotoToAnime& task_;
  std::optional<MovingAverage::Swapped> swapped_;
  at::NoGradGuard no_grad_;
};

std::map<std::string, double> PhotoToAnime::observe(std::int64_t steps) {
  const std::int64_t trained = steps - 1 - pretrain_steps_;
  if (trained < 0) return {{"lr.generator", spec_.pretrain.lr}};
  std::map<std::string, double> values{{"lr.generator", generator_updater_.schedule.rate(trained)},
                                       {"lr.discriminator", discriminator_updater_.schedule.rate(trained)}};
  const std::int64_t photos = std::min(spec_.health.photos, data_.photos_val.size());
  if (photos < 1) return values;
  // On rank 0, so that all judge by the same bits.
  double measured[2] = {};
  if (ranks_.rank() == 0) {
    const Evaluating evaluating(*this);
    const BatchLoader loader(data_.photos_val,
                             {.crop = spec_.data.crop, .flip = false, .order = BatchLoader::Order::fixed});
    std::vector<at::Tensor> shown, outputs;
    for (std::int64_t i = 0; i < photos; ++i) {
      shown.push_back(fill(loader, i * data_.photos_val.size() / photos, 1).to(device_));
      outputs.push_back(generate(shown.back()));
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
  const Evaluating evaluating(*this);
  const std::int64_t crop = spec_.evaluate.crop > 0 ? spec_.evaluate.crop : spec_.data.crop;
  Evaluator::Share share{.photos = fixed_share(data_.photos_val, crop, ranks_).to(device_),
                         .anime = fixed_share(data_.anime_val, crop, ranks_).to(device_),
                         .truth = {}};
  if (data_.photos_val.has_truth())
    share.truth = fixed_share(data_.photos_val, crop, ranks_, /*truth=*/true).to(device_);
  return evaluator_.measure(
      share, [&](const at::Tensor& photos) { return generate(photos); }, ranks_,
      [&] {
        if (ranks_.any(StopSignal::requested())) throw StoppedEarly();
      });
}

template <class Show>
void PhotoToAnime::each_sample(Show show) const {
  // Whole images where they are square and the networks can take them; spread over the set.
  const ImageSet& set = data_.photos_val;
  const std::int64_t side = std::min(set.height(), set.width()) / 8 * 8;
  const BatchLoader loader(set, {.crop = side, .flip = false, .order = BatchLoader::Order::fixed});
  const std::int64_t count = std::min(spec_.record.samples, set.size());
  try {
    for (std::int64_t i = 0; i < count; ++i) show(i, fill(loader, i * set.size() / count, 1).to(device_));
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
  const Evaluating evaluating(*this);
  each_sample([&](std::int64_t i, const at::Tensor& photo) {
    if (StopSignal::requested()) throw StoppedEarly();
    write_image(folder / format("{:02}.png", i), to_image(generate(photo)));
  });
}

void PhotoToAnime::save(TensorMap& model, TensorMap& rest) const {
  for (const auto& [name, tensor] : named_state(*networks_.generator, "generator")) model[name] = tensor;
  for (const auto& [name, tensor] : named_state(*networks_.discriminator, "discriminator")) model[name] = tensor;
  if (average_) average_->save("average", model);
  generator_updater_.optimizer->save("generator_optimizer", rest);
  discriminator_updater_.optimizer->save("discriminator_optimizer", rest);
  health_.save("health", rest);
  if (!not_finite_.empty()) {
    // Seen since the last record, which alone would speak of it.
    at::Tensor name = at::empty({static_cast<std::int64_t>(not_finite_.size())}, at::kByte);
    std::copy(not_finite_.begin(), not_finite_.end(), name.data_ptr<std::uint8_t>());
    rest["not_finite"] = name;
  }
}

void PhotoToAnime::load(const TensorMap& model, const TensorMap& rest) {
  for (const auto& [name, tensor] : named_state(*networks_.generator, "generator")) restore(model, name, tensor);
  for (const auto& [name, tensor] : named_state(*networks_.discriminator, "discriminator"))
    restore(model, name, tensor);
  if (average_) average_->load("average", model);
  generator_updater_.optimizer->load("generator_optimizer", rest);
  discriminator_updater_.optimizer->load("discriminator_optimizer", rest);
  health_.load("health", rest);
  not_finite_.clear();
  if (const auto name = rest.find("not_finite"); name != rest.end()) {
    const at::Tensor bytes = name->second.contiguous();
    not_finite_.assign(bytes.data_ptr<std::uint8_t>(), bytes.data_ptr<std::uint8_t>() + bytes.numel());
  }
}

void PhotoToAnime::to(at::ScalarType type) {
  networks_.generator->to(type);
  networks_.discriminator->to(type);
  if (features_) features_->to(type);
}

}  // namespace atelier
