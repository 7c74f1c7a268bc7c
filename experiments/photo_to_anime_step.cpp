#include "experiments/photo_to_anime.h"

#include <torch/csrc/autograd/autograd.h>

#include "experiments/health/health_measures.h"
#include "experiments/layers/network_state.h"
#include "experiments/losses/gradient_penalty.h"
#include "experiments/losses/perceptual.h"
#include "framework/core/error.h"
#include "framework/core/random.h"
#include "framework/training/gradients.h"

// A step: what it reads, the losses, their gradients, the updates.
namespace atelier {
namespace {

constexpr std::uint64_t mix_stream = 0x3A11;  // of the points at which the gradient penalty looks

/// The mean of a loss over the scales' logits.
template <class Loss>
at::Tensor over_scales(const std::vector<at::Tensor>& logits, Loss loss) {
  at::Tensor sum;
  for (const at::Tensor& scale : logits) sum = sum.defined() ? sum + loss(scale) : loss(scale);
  return logits.size() == 1 ? sum : sum / static_cast<double>(logits.size());
}

std::vector<at::Tensor> narrowed(const std::vector<at::Tensor>& all, std::int64_t first, std::int64_t count) {
  std::vector<at::Tensor> result;
  for (const at::Tensor& tensor : all) result.push_back(tensor.narrow(0, first, count));
  return result;
}

std::vector<at::Tensor> detached(std::vector<at::Tensor> tensors) {
  for (at::Tensor& tensor : tensors) tensor = tensor.detach();
  return tensors;
}

bool finite(const at::Tensor& x) { return !x.defined() || at::isfinite(x).all().item<bool>(); }

std::vector<at::Tensor> as_losses_take_them(std::vector<at::Tensor> logits) {
  for (at::Tensor& scale : logits) {
    if (scale.scalar_type() == at::kBFloat16) scale = scale.to(at::kFloat);
  }
  return logits;
}

/// Of a step of pretraining, which knows the content term alone.
LossWeights pretraining_weights() {
  return {.adversarial = 0, .penalty = 0, .smooth = 0, .content = 1, .style = 0, .color = 0, .tv = 0, .identity = 0};
}

}  // namespace

/// Where the networks compute, in the precision they compute in.
at::Tensor PhotoToAnime::cast(const at::Tensor& x) const {
  at::Tensor y = spec_.train.precision == "bf16" ? x.to(at::kBFloat16) : x;
  return spec_.speed.channels_last ? y.contiguous(at::MemoryFormat::ChannelsLast) : y;
}

/// The generator's output in the precision of losses.
at::Tensor PhotoToAnime::generate(const at::Tensor& photo) {
  const at::Tensor output = networks_.generator->forward(cast(photo));
  return output.scalar_type() == at::kBFloat16 ? output.to(at::kFloat) : output;
}

std::vector<at::Tensor*> PhotoToAnime::StepInputs::tensors() {
  std::vector<at::Tensor*> all;
  for (Pieces& pieces : batches) {
    for (Piece& piece : pieces) {
      for (at::Tensor* tensor : {&piece.batch.photo, &piece.batch.anime, &piece.batch.smoothed, &piece.mix})
        all.push_back(tensor);
      for (auto& [layer, tensor] : piece.content) all.push_back(&tensor);
      for (auto& [layer, tensor] : piece.style) all.push_back(&tensor);
    }
  }
  for (at::Tensor& rate : rates) all.push_back(&rate);
  return all;
}

PhotoToAnime::Piece PhotoToAnime::piece(const PhotoToAnimeBatch& batch, const LossWeights& weights, double share,
                                        bool targets) {
  Piece piece{.batch = batch, .share = share, .content = {}, .style = {}, .mix = {}};
  if (targets && weights.content > 0) piece.content = targets_->content(batch.photo, batch.photo_samples);
  if (targets && weights.style > 0) piece.style = targets_->style(batch.anime, batch.anime_samples);
  if (weights.penalty > 0) {
    const std::int64_t n = batch.photo.size(0);
    piece.mix = at::empty({n, 1, 1, 1}, batch.photo.options());
    for (std::int64_t i = 0; i < n; ++i) {
      piece.mix[i].fill_(
          CounterRandom(static_cast<std::uint64_t>(seed_), mix_stream, static_cast<std::uint64_t>(batch.first + i))
              .uniform());
    }
  }
  return piece;
}

PhotoToAnime::Pieces PhotoToAnime::pieces(const PhotoToAnimeBatch& batch, const LossWeights& weights, bool targets) {
  // As many on every rank, also where one has a slot more: a norm over the batch is a collective call in each.
  const std::int64_t count = std::min(spec_.train.accumulate, spec_.data.batch / ranks_.size());
  Pieces all;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t first = slots_ * i / count, images = slots_ * (i + 1) / count - first;
    all.push_back(piece(count == 1 ? batch : batch.part(first, images), weights,
                        static_cast<double>(images) / static_cast<double>(spec_.data.batch), targets));
  }
  return all;
}

template <class Work>
at::Tensor PhotoToAnime::in_pieces(const Pieces& pieces, std::initializer_list<GradientReducer*> reducers, Work work) {
  at::Tensor sum;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    for (GradientReducer* reducer : reducers) reducer->hold(i + 1 < pieces.size());
    const at::Tensor losses = work(pieces[i]) * pieces[i].share;
    sum = sum.defined() ? sum + losses : losses;
  }
  return sum;
}

PhotoToAnime::DiscriminatorLosses PhotoToAnime::discriminator_losses(const Piece& piece, const at::Tensor& output,
                                                                     const std::vector<at::Tensor>& output_logits,
                                                                     const LossWeights& weights) {
  const PhotoToAnimeBatch& batch = piece.batch;
  Discriminator& discriminator = *networks_.discriminator;
  const bool smooths = weights.smooth > 0;
  std::vector<at::Tensor> real_logits, smooth_logits;
  if (smooths && spec_.speed.one_pass && !discriminator.mixes_images()) {
    const std::int64_t n = batch.anime.size(0);
    const std::vector<at::Tensor> both =
        as_losses_take_them(discriminator.forward(cast(at::cat({batch.anime, batch.smoothed}))));
    real_logits = narrowed(both, 0, n);
    smooth_logits = narrowed(both, n, n);
  } else {
    real_logits = as_losses_take_them(discriminator.forward(cast(batch.anime)));
    if (smooths) smooth_logits = as_losses_take_them(discriminator.forward(cast(batch.smoothed)));
  }
  const at::Tensor real = over_scales(real_logits, [&](const at::Tensor& l) { return adversarial_.real(l); });
  const at::Tensor fake = over_scales(output_logits, [&](const at::Tensor& l) { return adversarial_.fake(l); });
  at::Tensor total = real + fake;
  DiscriminatorLosses losses{.terms = {real, fake}, .lead = {}};
  const auto add = [&](double weight, const at::Tensor& loss) {
    losses.terms.push_back(loss);
    total = total + weight * loss;
  };
  if (smooths)
    add(weights.smooth, over_scales(smooth_logits, [&](const at::Tensor& l) { return adversarial_.fake(l); }));
  if (weights.penalty > 0) {
    const auto critic = [&](const at::Tensor& x) {
      std::vector<at::Tensor> means;
      for (const at::Tensor& scale : discriminator.forward(cast(x)))
        means.push_back(scale.to(at::kFloat).flatten(1).mean(1));
      return at::stack(means, 1);
    };
    add(weights.penalty, gradient_penalty(critic, batch.anime, output, piece.mix));
  }
  losses.terms.push_back(total);
  const at::NoGradGuard no_grad;
  losses.lead = discriminator_lead(real_logits.front(), output_logits.front(), spec_.loss.adversarial.kind);
  return losses;
}

std::vector<at::Tensor> PhotoToAnime::generator_losses(const Piece& piece, const at::Tensor& output,
                                                       const std::vector<at::Tensor>& output_logits,
                                                       const LossWeights& weights) {
  const PhotoToAnimeBatch& batch = piece.batch;
  std::vector<at::Tensor> losses{
      over_scales(output_logits, [&](const at::Tensor& l) { return adversarial_.generator(l); })};
  at::Tensor total = weights.adversarial * losses.front();
  const auto add = [&](double weight, const at::Tensor& loss) {
    losses.push_back(loss);
    total = total + weight * loss;
  };
  const LossSpec& spec = spec_.loss;
  if (weights.content > 0 || weights.style > 0) {
    const Features seen = features_of(output);
    if (weights.content > 0) add(weights.content, content_distance(spec.content, seen, piece.content));
    if (weights.style > 0) add(weights.style, style_distance(spec.style, seen, piece.style));
  }
  if (weights.color > 0) add(weights.color, color_distance(spec.color.space, batch.photo, output));
  if (weights.tv > 0) add(weights.tv, total_variation(output));
  if (weights.identity > 0) add(weights.identity, (generate(batch.anime) - batch.anime).abs().mean());
  losses.push_back(total);
  return losses;
}

Features PhotoToAnime::features_of(const at::Tensor& output) const {
  Features seen = features_->forward(output);
  for (auto& [layer, tensor] : seen) {
    if (tensor.scalar_type() == at::kBFloat16) tensor = tensor.to(at::kFloat);
  }
  return seen;
}

at::Tensor PhotoToAnime::content_gradients(const Piece& piece) {
  const at::Tensor content =
      content_distance(spec_.loss.content, features_of(generate(piece.batch.photo)), piece.content);
  const at::Tensor total = spec_.pretrain.content_weight * content;
  torch::autograd::backward({total * piece.share}, {}, /*retain_graph=*/false, /*create_graph=*/false,
                            generator_updater_.parameters);
  return at::stack(detached({content, total}));
}

at::Tensor PhotoToAnime::joint_gradients(const Piece& piece, const LossWeights& weights) {
  const at::Tensor output = generate(piece.batch.photo);
  const std::vector<at::Tensor> logits = as_losses_take_them(networks_.discriminator->forward(cast(output)));
  const DiscriminatorLosses judged = discriminator_losses(piece, output, logits, weights);
  torch::autograd::backward({judged.total() * piece.share}, {}, /*retain_graph=*/true, /*create_graph=*/false,
                            discriminator_updater_.parameters);
  std::vector<at::Tensor> losses = generator_losses(piece, output, logits, weights);
  torch::autograd::backward({losses.back() * piece.share}, {}, /*retain_graph=*/false, /*create_graph=*/false,
                            generator_updater_.parameters);
  losses.insert(losses.end(), judged.terms.begin(), judged.terms.end());
  losses.push_back(judged.lead.to(losses.front().scalar_type()));
  return at::stack(detached(losses));
}
at::Tensor PhotoToAnime::pretrain_gradients(const PhotoToAnimeBatch& batch, double share) {
  return content_gradients(piece(batch, pretraining_weights(), share, /*targets=*/true)) * share;
}

at::Tensor PhotoToAnime::train_gradients(const PhotoToAnimeBatch& batch, const LossWeights& weights, double share) {
  const at::Tensor losses = joint_gradients(piece(batch, weights, share, /*targets=*/true), weights) * share;
  return losses.narrow(0, 0, static_cast<std::int64_t>(loss_names("train").size()));
}

void PhotoToAnime::record_steps(const std::function<std::unique_ptr<WorkRecorder>()>& make_recorder) {
  recorded_pretrain_.emplace(make_recorder());
  recorded_train_.emplace(make_recorder());
}

at::Tensor PhotoToAnime::step(std::int64_t step) {
  const bool pretrains = step < pretrain_steps_;
  StepInputs inputs = pretrains ? pretrain_inputs(step) : train_inputs(step);
  std::optional<RecordedStep>& recorded = pretrains ? recorded_pretrain_ : recorded_train_;
  at::Tensor losses;
  if (recorded) {
    RecordedStep::Inputs tensors;
    for (const at::Tensor* tensor : inputs.tensors()) tensors.push_back(*tensor);
    losses = recorded->run(tensors, [this, pretrains, inputs](const RecordedStep::Inputs& from) mutable {
      const std::vector<at::Tensor*> places = inputs.tensors();
      for (std::size_t i = 0; i < places.size(); ++i) *places[i] = from[i];
      return pretrains ? pretrain_step(inputs) : train_step(inputs);
    });
  } else {
    losses = pretrains ? pretrain_step(inputs) : train_step(inputs);
  }
  if (average_) average_->update();
  return losses;
}

PhotoToAnime::StepInputs PhotoToAnime::pretrain_inputs(std::int64_t step) {
  StepInputs inputs;
  inputs.batches.push_back(pieces(batches_.read(batch_number(step, 0)), pretraining_weights(), /*targets=*/true));
  inputs.rates.push_back(generator_updater_.optimizer->next_rate(spec_.pretrain.lr));
  return inputs;
}

at::Tensor PhotoToAnime::pretrain_step(const StepInputs& inputs) {
  const Pieces& pieces = inputs.batches.front();
  const at::Tensor losses =
      in_pieces(pieces, {&generator_updater_.reducer}, [&](const Piece& piece) { return content_gradients(piece); });
  remember_not_finite(losses, "pretrain", pieces);
  const at::Tensor norm = generator_updater_.update(inputs.rates.front(), spec_.train.clip);
  return at::cat({losses, norm.view(1) / ranks_.size()});
}

PhotoToAnime::StepInputs PhotoToAnime::train_inputs(std::int64_t step) {
  const LossWeights weights = LossWeights::of(spec_.loss);
  const std::int64_t trained = step - pretrain_steps_, updates = spec_.train.discriminator_steps;
  Updater &own = generator_updater_, &other = discriminator_updater_;
  StepInputs inputs;
  for (std::int64_t i = 0; i < updates; ++i) {
    inputs.batches.push_back(pieces(batches_.read(batch_number(step, i)), weights, /*targets=*/i + 1 == updates));
    inputs.rates.push_back(other.optimizer->next_rate(other.schedule.rate(trained)));
  }
  inputs.rates.push_back(own.optimizer->next_rate(own.schedule.rate(trained)));
  return inputs;
}

at::Tensor PhotoToAnime::train_step(const StepInputs& inputs) {
  const LossWeights weights = LossWeights::of(spec_.loss);
  Discriminator& discriminator = *networks_.discriminator;
  Updater &own = generator_updater_, &other = discriminator_updater_;

  // The discriminator alone: the steps it is ahead, and all of them where the generator faces the updated one.
  const bool joint = spec_.train.update == "joint";
  const std::size_t updates = inputs.batches.size(), alone = joint ? updates - 1 : updates;
  at::Tensor judged, discriminator_norm;
  for (std::size_t i = 0; i < alone; ++i) {
    discriminator.begin_step();
    judged = in_pieces(inputs.batches[i], {&other.reducer}, [&](const Piece& piece) {
      at::Tensor output;
      {
        const at::NoGradGuard no_grad;
        output = generate(piece.batch.photo);
      }
      const std::vector<at::Tensor> logits = as_losses_take_them(discriminator.forward(cast(output)));
      DiscriminatorLosses losses = discriminator_losses(piece, output, logits, weights);
      torch::autograd::backward({losses.total() * piece.share}, {}, /*retain_graph=*/false, /*create_graph=*/false,
                                other.parameters);
      losses.terms.push_back(losses.lead.to(losses.terms.front().scalar_type()));
      return at::stack(detached(losses.terms));
    });
    remember_not_finite(judged, "discriminator", inputs.batches[i]);
    discriminator_norm = other.update(inputs.rates[i], spec_.train.clip);
  }

  // The generator, on the last of these batches.
  const Pieces& last = inputs.batches.back();
  at::Tensor losses;
  if (joint) {
    discriminator.begin_step();
    losses = in_pieces(last, {&own.reducer, &other.reducer},
                       [&](const Piece& piece) { return joint_gradients(piece, weights); });
    remember_not_finite(losses, "train", last);
    discriminator_norm = other.update(inputs.rates[updates - 1], spec_.train.clip);
  } else {
    const at::Tensor generated = in_pieces(last, {&own.reducer}, [&](const Piece& piece) {
      const at::Tensor output = generate(piece.batch.photo);
      const std::vector<at::Tensor> terms =
          generator_losses(piece, output, as_losses_take_them(discriminator.forward(cast(output))), weights);
      torch::autograd::backward({terms.back() * piece.share}, {}, /*retain_graph=*/false, /*create_graph=*/false,
                                own.parameters);
      return at::stack(detached(terms));
    });
    losses = at::cat({generated, judged});
    remember_not_finite(losses, "train", last);
  }
  const at::Tensor norm = own.update(inputs.rates.back(), spec_.train.clip);
  return at::cat({losses, norm.view(1) / ranks_.size(), discriminator_norm.view(1) / ranks_.size()});
}

/// The first time that losses are not finite: which tensor was the first, while the parameters still are what they were
/// before the update.
void PhotoToAnime::remember_not_finite(const at::Tensor& losses, const std::string& phase, const Pieces& pieces) {
  if (!device_.is_cpu()) {
    last_pieces_ = pieces;
    last_losses_ = losses;
    last_phase_ = phase;
    return;
  }
  if (!not_finite_.empty() || finite(losses)) return;
  look_for_not_finite(losses, phase, pieces);
}

void PhotoToAnime::look_for_not_finite(const at::Tensor& losses, const std::string& phase, const Pieces& pieces) {
  const at::NoGradGuard no_grad;
  // The other ranks may have seen nothing, so no collective calls; and running means are not moved once more.
  networks_.generator->eval();
  networks_.discriminator->eval();
  find_not_finite(losses, phase, pieces);
  networks_.generator->train();
  networks_.discriminator->train();
}

void PhotoToAnime::find_not_finite(const at::Tensor& losses, const std::string& phase, const Pieces& pieces) {
  const auto found = [&](const std::string& name, const at::Tensor& tensor) {
    if (not_finite_.empty() && !finite(tensor)) not_finite_ = name;
  };
  for (const Piece& piece : pieces) found("the photos", piece.batch.photo);
  for (const Piece& piece : pieces) found("the anime", piece.batch.anime);
  // Parameters alone: running means have already seen what this step computed from them.
  for (const auto& item : networks_.generator->named_parameters()) found("generator." + item.key(), item.value());
  for (const auto& item : networks_.discriminator->named_parameters())
    found("discriminator." + item.key(), item.value());
  for (const Piece& piece : pieces) {
    if (!not_finite_.empty()) return;
    const at::Tensor output = generate(piece.batch.photo);
    found("the generator's output", output);
    if (features_) {
      for (const auto& [layer, tensor] : features_->forward(output)) found("the output's features at " + layer, tensor);
    }
    if (phase == "pretrain") continue;
    for (const at::Tensor& logits : networks_.discriminator->forward(cast(output)))
      found("the discriminator's logits of the output", logits);
    for (const at::Tensor& logits : networks_.discriminator->forward(cast(piece.batch.anime)))
      found("the discriminator's logits of anime", logits);
  }
  if (phase != "train") return;
  const std::vector<std::string> names = loss_names(phase);
  for (std::size_t i = 0; i < names.size(); ++i) found(names[i], losses[static_cast<std::int64_t>(i)]);
}

std::string PhotoToAnime::first_not_finite(std::int64_t) {
  // On a GPU it is looked for now, by what the last step left.
  if (not_finite_.empty() && last_losses_.defined()) look_for_not_finite(last_losses_, last_phase_, last_pieces_);
  if (!not_finite_.empty()) return not_finite_;
  // All losses were finite: what a gradient or an update made of the parameters.
  for (const auto& [name, tensor] : named_state(*networks_.generator, "generator")) {
    if (!finite(tensor)) return name + ", after the update";
  }
  for (const auto& [name, tensor] : named_state(*networks_.discriminator, "discriminator")) {
    if (!finite(tensor)) return name + ", after the update";
  }
  return {};
}

}  // namespace atelier
