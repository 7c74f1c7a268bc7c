#include "experiments/photo_to_anime/gan_losses.h"

#include <torch/csrc/autograd/autograd.h>

namespace atelier {
namespace {

std::vector<at::Tensor> narrowed(const std::vector<at::Tensor>& all, std::int64_t first, std::int64_t count) {
  std::vector<at::Tensor> result;
  for (const at::Tensor& tensor : all) result.push_back(tensor.narrow(0, first, count));
  return result;
}

at::Tensor stacked(const std::vector<at::Tensor>& values) {
  std::vector<at::Tensor> numbers;
  for (const at::Tensor& value : values) numbers.push_back(value.detach().to(values.front().scalar_type()));
  return at::stack(numbers);
}

void backward(const at::Tensor& total, double share, const std::vector<at::Tensor>& parameters, bool retain = false) {
  torch::autograd::backward({total * share}, {}, /*retain_graph=*/retain, /*create_graph=*/false, parameters);
}

LossTable pretraining_table(const PhotoToAnimeSpec& spec) {
  LossRow content = make_row("content", spec.loss.content);
  content.weight = spec.pretrain.content_weight;
  return {Side::generator, {content}};
}

}  // namespace

GanLosses::GanLosses(const PhotoToAnimeSpec& spec, const GanNetworks& networks)
    : networks_(networks),
      adversarial_(adversarial_loss(spec.loss.adversarial.kind)),
      one_pass_(spec.speed.one_pass && !networks.discriminator->mixes_images()),
      pretraining_(pretraining_table(spec)),
      generator_(spec.loss, Side::generator),
      discriminator_(spec.loss, Side::discriminator),
      generator_parameters_(networks.generator->parameters()),
      discriminator_parameters_(networks.discriminator->parameters()) {}

std::vector<std::string> GanLosses::names() const {
  std::vector<std::string> names = generator_.names();
  for (std::string& name : discriminator_.names()) names.push_back(std::move(name));
  return names;
}

at::Tensor GanLosses::pretrain(const MicroBatch& micro, const LossWeights& weights) const {
  LossContext context{.photo = micro.batch.photo, .output = networks_.generate(micro.batch.photo)};
  const std::vector<at::Tensor> own = values(pretraining_, micro, context, weights.generator);
  backward(own.back(), micro.share, generator_parameters_);
  return stacked(own);
}

at::Tensor GanLosses::train_both(const MicroBatch& micro, const LossWeights& weights) const {
  LossContext context = this->context(micro, networks_.generate(micro.batch.photo));
  const std::vector<at::Tensor> judged = discriminator_values(micro, context, weights);
  backward(judged[judged.size() - 2], micro.share, discriminator_parameters_, /*retain=*/true);
  std::vector<at::Tensor> own = values(generator_, micro, context, weights.generator);
  backward(own.back(), micro.share, generator_parameters_);
  own.insert(own.end(), judged.begin(), judged.end());
  return stacked(own);
}

at::Tensor GanLosses::train_discriminator(const MicroBatch& micro, const LossWeights& weights) const {
  at::Tensor output;
  {
    const at::NoGradGuard no_grad;
    output = networks_.generate(micro.batch.photo);
  }
  LossContext context = this->context(micro, output);
  const std::vector<at::Tensor> judged = discriminator_values(micro, context, weights);
  backward(judged[judged.size() - 2], micro.share, discriminator_parameters_);
  return stacked(judged);
}

at::Tensor GanLosses::train_generator(const MicroBatch& micro, const LossWeights& weights) const {
  LossContext context = this->context(micro, networks_.generate(micro.batch.photo));
  const std::vector<at::Tensor> own = values(generator_, micro, context, weights.generator);
  backward(own.back(), micro.share, generator_parameters_);
  return stacked(own);
}

LossContext GanLosses::context(const MicroBatch& micro, const at::Tensor& output) const {
  return {.photo = micro.batch.photo,
          .anime = micro.batch.anime,
          .output = output,
          .output_logits = networks_.judge(output),
          .mix = micro.mix,
          .adversarial = &adversarial_,
          .generate = [this](const at::Tensor& photos) { return networks_.generate(photos); },
          .judge = [this](const at::Tensor& pictures) { return networks_.judge(pictures); }};
}

/// The terms, their total and the lead.
std::vector<at::Tensor> GanLosses::discriminator_values(const MicroBatch& micro, LossContext& context,
                                                        const LossWeights& weights) const {
  const at::Tensor &anime = micro.batch.anime, &smoothed = micro.batch.smoothed;
  const bool smooths = discriminator_.needs(&LossNeeds::smoothed);
  if (smooths && one_pass_) {
    const std::int64_t n = anime.size(0);
    const std::vector<at::Tensor> both = networks_.judge(at::cat({anime, smoothed}));
    context.real_logits = narrowed(both, 0, n);
    context.smoothed_logits = narrowed(both, n, n);
  } else {
    context.real_logits = networks_.judge(anime);
    if (smooths) context.smoothed_logits = networks_.judge(smoothed);
  }
  std::vector<at::Tensor> judged = values(discriminator_, micro, context, weights.discriminator);
  judged.push_back(discriminator_lead(adversarial_, context.real_logits.front(), context.output_logits.front()));
  return judged;
}

std::vector<at::Tensor> GanLosses::values(const LossTable& table, const MicroBatch& micro, LossContext& context,
                                          const at::Tensor& weights) const {
  return table.values(context, micro.targets, weights,
                      [this](const at::Tensor& output) { return networks_.features_of(output); });
}

}  // namespace atelier
