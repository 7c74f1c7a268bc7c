#include "experiments/photo_to_anime/step.h"

#include "experiments/layers/network_state.h"
#include "framework/core/random.h"
#include "framework/training/device.h"

namespace atelier {
namespace {

constexpr std::uint64_t mix_stream = 0x3A11;  // of the points at which the gradient penalty looks

/// Runs `work(micro)` for each, gradients summed over ranks after the last; the sum of what it returns, by share.
template <class Work>
at::Tensor over(const MicroBatches& batches, std::initializer_list<Updater*> updaters, Work work) {
  at::Tensor sum;
  for (std::size_t i = 0; i < batches.size(); ++i) {
    for (Updater* updater : updaters) updater->reducer.set_no_sync(i + 1 < batches.size());
    const at::Tensor losses = work(batches[i]) * batches[i].share;
    sum = sum.defined() ? sum + losses : losses;
  }
  return sum;
}

}  // namespace

std::int64_t training_steps(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data) {
  return spec.train.length.steps_over(data.photos.size(), spec.data.batch * spec.train.discriminator_steps);
}

std::vector<at::Tensor*> StepInputs::tensors() {
  std::vector<at::Tensor*> all;
  for (MicroBatches& micro_batches : batches) {
    for (MicroBatch& micro : micro_batches) {
      for (at::Tensor* tensor : {&micro.batch.photo, &micro.batch.anime, &micro.batch.smoothed, &micro.mix})
        all.push_back(tensor);
      for (auto& [term, features] : micro.targets) {
        for (auto& [layer, tensor] : features) all.push_back(&tensor);
      }
    }
  }
  for (at::Tensor& rate : rates) all.push_back(&rate);
  for (at::Tensor* tensor : {&weights.generator, &weights.discriminator}) all.push_back(tensor);
  return all;
}

GanSteps::GanSteps(const PhotoToAnimeSpec& spec, std::int64_t seed, const PhotoToAnimeData& data, Communicator& ranks)
    : spec_(spec),
      seed_(seed),
      ranks_(ranks.size()),
      tensors_over_ranks_(make_tensor_reduction(ranks)),
      first_slot_(spec.data.batch * ranks.rank() / ranks.size()),
      slots_(spec.data.batch * (ranks.rank() + 1) / ranks.size() - first_slot_),
      pretrain_steps_(spec.pretrain.length.steps_over(data.photos.size(), spec.data.batch)),
      train_steps_(training_steps(spec, data)),
      device_(open_device(spec.train.device, ranks)),
      networks_(spec, seed, *tensors_over_ranks_, device_),
      losses_(spec, networks_),
      batches_(spec, data,
               {.seed = static_cast<std::uint64_t>(seed),
                .first_slot = first_slot_,
                .slots = slots_,
                .photos_only = pretrain_steps_,
                .device = device_,
                .resident_gb = device_.is_cpu() ? 0 : spec.speed.resident_gb}),
      generator_(*networks_.generator, "generator", spec.train.generator, train_steps_, *tensors_over_ranks_),
      discriminator_(*networks_.discriminator, "discriminator", spec.train.discriminator, train_steps_,
                     *tensors_over_ranks_),
      not_finite_(networks_, device_) {
  if (!device_.is_cpu()) allow_tf32(spec.train.precision == "tf32");
  if (networks_.features) targets_.emplace(spec, data, *networks_.features);
  const at::Tensor& like = generator_.parameters.front();
  pretrain_weights_ = {losses_.pretraining().weights(like), {}};
  train_weights_ = {losses_.generator().weights(like), losses_.discriminator().weights(like)};
}

std::vector<std::string> GanSteps::metric_names(bool pretrains) const {
  std::vector<std::string> names = pretrains ? losses_.pretraining().names() : losses_.names();
  if (!pretrains) names.emplace_back("health.discriminator_lead");
  names.emplace_back("health.generator_gradient");
  if (!pretrains) names.emplace_back("health.discriminator_gradient");
  return names;
}

std::map<std::string, double> GanSteps::learning_rates(std::int64_t step) const {
  if (step < pretrain_steps_) return {{"lr.generator", spec_.pretrain.lr}};
  return {{"lr.generator", generator_.schedule.rate(step - pretrain_steps_)},
          {"lr.discriminator", discriminator_.schedule.rate(step - pretrain_steps_)}};
}

std::int64_t GanSteps::batch_number(std::int64_t step, std::int64_t update) const {
  if (step < pretrain_steps_) return step;
  return pretrain_steps_ + (step - pretrain_steps_) * spec_.train.discriminator_steps + update;
}

MicroBatches GanSteps::micro_batches(std::int64_t number, const LossTable* table) {
  const PhotoToAnimeBatch batch = batches_.read(number);
  // As many on every rank, also where one has a slot more: a norm over the batch is a collective call in each.
  const std::int64_t count = std::min(spec_.train.accumulate, spec_.data.batch / ranks_);
  MicroBatches all;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t first = slots_ * i / count, images = slots_ * (i + 1) / count - first;
    MicroBatch micro{.batch = count == 1 ? batch : batch.part(first, images),
                     .share = static_cast<double>(images) / static_cast<double>(spec_.data.batch)};
    for (const LossRow& row : table ? table->rows() : std::vector<LossRow>()) {
      if (row.needs.targets != LossNeeds::Pictures::none)
        micro.targets[row.name] = targets_->get(row.name, micro.batch);
    }
    if (batch.anime.defined() && losses_.discriminator().needs(&LossNeeds::mix)) micro.mix = draw_mix(micro.batch);
    all.push_back(std::move(micro));
  }
  return all;
}

at::Tensor GanSteps::draw_mix(const PhotoToAnimeBatch& batch) const {
  at::Tensor mix = at::empty({batch.photo.size(0), 1, 1, 1}, batch.photo.options());
  for (std::int64_t i = 0; i < mix.size(0); ++i) {
    const auto sample = static_cast<std::uint64_t>(batch.first + i);
    mix[i].fill_(CounterRandom(static_cast<std::uint64_t>(seed_), mix_stream, sample).uniform());
  }
  return mix;
}

StepInputs GanSteps::inputs(std::int64_t step) {
  if (step < pretrain_steps_) {
    return {.pretrains = true,
            .batches = {micro_batches(batch_number(step, 0), &losses_.pretraining())},
            .rates = {generator_.optimizer->next_rate(spec_.pretrain.lr)},
            .weights = pretrain_weights_};
  }
  const std::int64_t trained = step - pretrain_steps_, updates = spec_.train.discriminator_steps;
  StepInputs inputs{.weights = train_weights_};
  for (std::int64_t i = 0; i < updates; ++i) {
    // The generator learns from the last batch.
    inputs.batches.push_back(micro_batches(batch_number(step, i), i + 1 == updates ? &losses_.generator() : nullptr));
    inputs.rates.push_back(discriminator_.optimizer->next_rate(discriminator_.schedule.rate(trained)));
  }
  inputs.rates.push_back(generator_.optimizer->next_rate(generator_.schedule.rate(trained)));
  return inputs;
}

at::Tensor GanSteps::compute(StepInputs inputs, CapturedStep& captured) {
  CapturedStep::Inputs tensors;
  for (const at::Tensor* tensor : inputs.tensors()) tensors.push_back(*tensor);
  return captured.run(tensors, [this, inputs](const CapturedStep::Inputs& from) mutable {
    const std::vector<at::Tensor*> places = inputs.tensors();
    for (std::size_t i = 0; i < places.size(); ++i) *places[i] = from[i];
    return compute(inputs);
  });
}

at::Tensor GanSteps::pretrain(const StepInputs& inputs) {
  const MicroBatches& batches = inputs.batches.front();
  const at::Tensor losses =
      over(batches, {&generator_}, [&](const MicroBatch& micro) { return losses_.pretrain(micro, inputs.weights); });
  not_finite_.look(losses, {}, batches);
  const at::Tensor norm = generator_.update(inputs.rates.front(), spec_.train.clip);
  return at::cat({losses, norm.view(1) / ranks_});
}

at::Tensor GanSteps::train(const StepInputs& inputs) {
  const LossWeights& weights = inputs.weights;
  const bool joint = spec_.train.update == "joint";
  const std::size_t updates = inputs.batches.size(), alone = joint ? updates - 1 : updates;

  // The discriminator alone: the steps it is ahead, and all of them where the generator faces the updated one.
  at::Tensor judged, discriminator_norm;
  for (std::size_t i = 0; i < alone; ++i) {
    networks_.discriminator->begin_step();
    judged = over(inputs.batches[i], {&discriminator_},
                  [&](const MicroBatch& micro) { return losses_.train_discriminator(micro, weights); });
    not_finite_.look(judged, {}, inputs.batches[i]);
    discriminator_norm = discriminator_.update(inputs.rates[i], spec_.train.clip);
  }

  // The generator, on the last of these batches.
  const MicroBatches& last = inputs.batches.back();
  at::Tensor losses;
  if (joint) {
    networks_.discriminator->begin_step();
    losses = over(last, {&generator_, &discriminator_},
                  [&](const MicroBatch& micro) { return losses_.train_both(micro, weights); });
  } else {
    losses =
        over(last, {&generator_}, [&](const MicroBatch& micro) { return losses_.train_generator(micro, weights); });
    losses = at::cat({losses, judged});
  }
  not_finite_.look(losses, losses_.names(), last);
  if (joint) discriminator_norm = discriminator_.update(inputs.rates[updates - 1], spec_.train.clip);
  const at::Tensor norm = generator_.update(inputs.rates.back(), spec_.train.clip);
  return at::cat({losses, norm.view(1) / ranks_, discriminator_norm.view(1) / ranks_});
}

void GanSteps::save(TensorMap& model, TensorMap& rest) const {
  for (const auto& [name, tensor] : named_state(*networks_.generator, "generator")) model[name] = tensor;
  for (const auto& [name, tensor] : named_state(*networks_.discriminator, "discriminator")) model[name] = tensor;
  generator_.optimizer->save("generator_optimizer", rest);
  discriminator_.optimizer->save("discriminator_optimizer", rest);
  not_finite_.save(rest);
}

void GanSteps::load(const TensorMap& model, const TensorMap& rest) {
  for (const auto& [name, tensor] : named_state(*networks_.generator, "generator")) restore(model, name, tensor);
  for (const auto& [name, tensor] : named_state(*networks_.discriminator, "discriminator"))
    restore(model, name, tensor);
  generator_.optimizer->load("generator_optimizer", rest);
  discriminator_.optimizer->load("discriminator_optimizer", rest);
  not_finite_.load(rest);
}

}  // namespace atelier
