#include "experiments/evaluation/evaluator.h"

#include "experiments/losses/perceptual.h"

namespace atelier {
namespace {

constexpr std::int64_t batch = 4;  // bounds the memory of the feature network

/// Calls `work` with slices of the images.
void in_batches(const at::Tensor& images, const std::function<void(const at::Tensor&)>& work) {
  for (std::int64_t start = 0; start < images.size(0); start += batch) {
    work(images.narrow(0, start, std::min(batch, images.size(0) - start)));
  }
}

void sum_over_ranks(at::Tensor& values, Communicator& ranks) {
  values = values.contiguous();
  ranks.sum(std::span(values.data_ptr<double>(), static_cast<std::size_t>(values.numel())));
}

}  // namespace

Evaluator::Evaluator(const FeaturesSpec& features, const EvaluateSpec& spec)
    : spec_(spec),
      network_(network_layout(features.network), features.weights, FeatureNetwork::Preprocess::imagenet,
               evaluation_layers(spec)) {}

Evaluator::Grams Evaluator::summed_grams(const std::map<std::string, at::Tensor>& features) const {
  Grams grams;
  for (const std::string& layer : spec_.style_layers) {
    grams[layer] = gram_matrix(features.at(layer)).to(at::kDouble).sum(0);
  }
  return grams;
}

Evaluator::Grams Evaluator::zero_grams() const {
  Grams grams;
  for (const std::string& layer : spec_.style_layers) {
    const std::int64_t channels = network_.channels(layer);
    grams[layer] = at::zeros({channels, channels}, at::kDouble);
  }
  return grams;
}

const Evaluator::Grams& Evaluator::anime_grams(const at::Tensor& anime, Communicator& ranks) {
  if (!anime_means_.empty()) return anime_means_;
  double count = static_cast<double>(anime.size(0));
  ranks.sum(std::span(&count, 1));
  Grams sums = zero_grams();
  in_batches(anime, [&](const at::Tensor& images) {
    for (const auto& [layer, gram] : summed_grams(network_.forward(images))) sums[layer] += gram;
  });
  for (auto& [layer, gram] : sums) {
    sum_over_ranks(gram, ranks);
    anime_means_[layer] = gram / count;
  }
  return anime_means_;
}

std::map<std::string, double> Evaluator::measure(const at::Tensor& photos, const at::Tensor& anime,
                                                 const std::function<at::Tensor(const at::Tensor&)>& generate,
                                                 Communicator& ranks) {
  const at::NoGradGuard no_grad;
  Grams outputs = zero_grams();
  // Sums over images: how many, feature differences, feature sizes, pixel differences.
  at::Tensor sums = at::zeros({4}, at::kDouble);
  double* totals = sums.data_ptr<double>();
  in_batches(photos, [&](const at::Tensor& input) {
    const at::Tensor output = generate(input).clamp(0, 1);
    const auto before = network_.forward(input), after = network_.forward(output);
    const auto n = static_cast<double>(input.size(0));
    const at::Tensor& reference = before.at(spec_.content_layer);
    totals[0] += n;
    totals[1] += n * (after.at(spec_.content_layer) - reference).abs().mean().item<double>();
    totals[2] += n * reference.abs().mean().item<double>();
    totals[3] += n * (output - input).abs().mean().item<double>();
    for (auto& [layer, gram] : summed_grams(after)) outputs[layer] += gram;
  });
  sum_over_ranks(sums, ranks);
  totals = sums.data_ptr<double>();
  std::map<std::string, double> values{{"eval.content", totals[1] / totals[2]}, {"eval.identity", totals[3] / totals[0]}};
  double style = 0;
  const Grams& reference = anime_grams(anime, ranks);
  for (auto& [layer, gram] : outputs) {
    sum_over_ranks(gram, ranks);
    const at::Tensor& target = reference.at(layer);
    style += ((gram / totals[0] - target).norm() / target.norm()).item<double>();
  }
  values["eval.style"] = style / static_cast<double>(spec_.style_layers.size());
  return values;
}

}  // namespace atelier
