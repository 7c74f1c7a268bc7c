#include "experiments/evaluation/evaluator.h"

#include <cmath>

#include "experiments/evaluation/frechet_distance.h"
#include "experiments/evaluation/kernel_distance.h"
#include "experiments/losses/perceptual.h"
#include "framework/distributed/tensor_reduction.h"
#include "framework/records/measure.h"

namespace atelier {

#define ATELIER_PICTURE_MEASURE(function, ...) double function(const at::Tensor& photo, const at::Tensor& output);
#include "experiments/evaluation/picture_measures.def"
#undef ATELIER_PICTURE_MEASURE

namespace {

struct PictureMeasure {
  std::string name;
  double (*sum)(const at::Tensor& photo, const at::Tensor& output);
};

std::vector<PictureMeasure> picture_measures() {
  return {
#define ATELIER_PICTURE_MEASURE(function, ...) {Measure{__VA_ARGS__}.name, function},
#include "experiments/evaluation/picture_measures.def"
#undef ATELIER_PICTURE_MEASURE
  };
}

constexpr std::int64_t batch = 4;  // bounds the memory of the feature network

/// Calls `work(start, count)` for slices of `size` images, and `pause` after each, as often on a rank with fewer
/// images.
void in_batches(std::int64_t size, Communicator& ranks, const std::function<void()>& pause,
                const std::function<void(std::int64_t, std::int64_t)>& work) {
  std::int64_t most = size;
  for (const std::string& text : ranks.gather(std::to_string(size)))
    most = std::max<std::int64_t>(most, std::stoll(text));
  for (std::int64_t start = 0; start < most; start += batch) {
    if (start < size) work(start, std::min(batch, size - start));
    pause();
  }
}

void sum_over_ranks(at::Tensor& values, Communicator& ranks) {
  values = values.contiguous();
  make_tensor_reduction(ranks)->sum(values);
}

/// The rows of all ranks, in the order of ranks, on every rank: n x d to N x d. Adding to zeros changes no bit, so all
/// get what was sent.
at::Tensor gather_rows(const at::Tensor& rows, Communicator& ranks) {
  at::Tensor counts = at::zeros({ranks.size()}, at::kDouble);
  counts[ranks.rank()] = static_cast<double>(rows.size(0));
  sum_over_ranks(counts, ranks);
  const auto total = counts.sum().item<double>(), before = counts.narrow(0, 0, ranks.rank()).sum().item<double>();
  at::Tensor all = at::zeros({static_cast<std::int64_t>(total), rows.size(1)}, at::kDouble);
  all.narrow(0, static_cast<std::int64_t>(before), rows.size(0)).copy_(rows);
  sum_over_ranks(all, ranks);
  return all;
}

double mean_difference(const at::Tensor& a, const at::Tensor& b) { return (a - b).abs().mean().item<double>(); }

}  // namespace

Evaluator::Evaluator(const FeaturesSpec& features, const EvaluateSpec& spec, c10::Device device)
    : spec_(spec),
      network_(feature_networks().at(features.network), features.weights, FeatureNetwork::Preprocess::imagenet,
               evaluation_layers(spec)) {
  network_.to(device);
}

Evaluator::Grams Evaluator::zero_grams() const {
  Grams grams;
  for (const std::string& layer : spec_.style_layers) {
    const std::int64_t channels = network_.channels(layer);
    grams[layer] = at::zeros({channels, channels}, at::kDouble);
  }
  return grams;
}

void Evaluator::add_grams(const Features& features, Grams& sums) const {
  for (auto& [layer, sum] : sums) sum += gram_matrix(features.at(layer)).to(at::kDouble).sum(0).to(at::kCPU);
}

at::Tensor Evaluator::pooled(const Features& features) const {
  return features.at(spec_.pooled_layer).mean({2, 3}, /*keepdim=*/false, at::kDouble).to(at::kCPU);
}

const Evaluator::Reference& Evaluator::reference(const Share& share, Communicator& ranks,
                                                 const std::function<void()>& pause) {
  if (reference_) return *reference_;
  Reference own;
  own.anime_grams = zero_grams();
  const std::int64_t channels = network_.channels(spec_.pooled_layer);
  const auto features_of = [&](const at::Tensor& images, const std::function<void(const Features&)>& also) {
    at::Tensor rows = at::zeros({images.size(0), channels}, at::kDouble);
    in_batches(images.size(0), ranks, pause, [&](std::int64_t start, std::int64_t count) {
      const Features features = network_.forward(images.narrow(0, start, count));
      rows.narrow(0, start, count).copy_(pooled(features));
      also(features);
    });
    return gather_rows(rows, ranks);
  };
  own.photo_features = features_of(share.photos, [](const Features&) {});
  own.anime_features =
      features_of(share.anime, [&](const Features& features) { add_grams(features, own.anime_grams); });
  own.scale = own.anime_features.square().mean().sqrt().item<double>();
  for (auto& [layer, gram] : own.anime_grams) {
    sum_over_ranks(gram, ranks);
    gram /= static_cast<double>(own.anime_features.size(0));
  }
  return reference_.emplace(std::move(own));
}

std::map<std::string, double> Evaluator::measure(const Share& share,
                                                 const std::function<at::Tensor(const at::Tensor&)>& generate,
                                                 Communicator& ranks, const std::function<void()>& pause) {
  const at::NoGradGuard no_grad;
  const Reference& reference = this->reference(share, ranks, pause);
  const std::int64_t own_photos = share.photos.size(0);
  Grams grams = zero_grams();
  at::Tensor rows = at::zeros({own_photos, network_.channels(spec_.pooled_layer)}, at::kDouble);
  const std::vector<PictureMeasure> pictures = picture_measures();
  enum Sum { images, content, content_size, truth, picture_sums };  // each over images; one of each picture measure
  at::Tensor sums = at::zeros({picture_sums + static_cast<std::int64_t>(pictures.size())}, at::kDouble);
  double* own = sums.data_ptr<double>();
  in_batches(own_photos, ranks, pause, [&](std::int64_t start, std::int64_t count) {
    const at::Tensor photo = share.photos.narrow(0, start, count), output = generate(photo).clamp(0, 1);
    const Features before = network_.forward(photo), after = network_.forward(output);
    const at::Tensor& target = before.at(spec_.content_layer);
    const auto n = static_cast<double>(count);
    own[images] += n;
    own[content] += n * mean_difference(after.at(spec_.content_layer), target);
    own[content_size] += n * target.abs().mean().item<double>();
    for (std::size_t i = 0; i < pictures.size(); ++i) own[picture_sums + i] += pictures[i].sum(photo, output);
    if (share.truth.defined()) own[truth] += n * mean_difference(output, share.truth.narrow(0, start, count));
    add_grams(after, grams);
    rows.narrow(0, start, count).copy_(pooled(after));
  });

  sum_over_ranks(sums, ranks);
  const double* all = sums.data_ptr<double>();
  std::map<std::string, double> values{{"eval.content", all[content] / all[content_size]}};
  for (std::size_t i = 0; i < pictures.size(); ++i) values[pictures[i].name] = all[picture_sums + i] / all[images];
  if (share.truth.defined()) values["eval.truth"] = all[truth] / all[images];

  double style = 0;
  for (auto& [layer, gram] : grams) {
    sum_over_ranks(gram, ranks);
    const at::Tensor& target = reference.anime_grams.at(layer);
    style += ((gram / all[images] - target).norm() / target.norm()).item<double>();
  }
  values["eval.style"] = style / static_cast<double>(spec_.style_layers.size());

  const at::Tensor outputs = gather_rows(rows, ranks) / reference.scale;
  const at::Tensor anime = reference.anime_features / reference.scale,
                   photos = reference.photo_features / reference.scale;
  if (outputs.size(0) < 2) return values;
  values["eval.kid_photo"] = paired_kernel_distance(photos, outputs);
  values["eval.fid_photo"] = frechet_distance(photos, outputs);
  if (anime.size(0) < 2) return values;
  values["eval.kid"] = kernel_distance(anime, outputs);
  values["eval.fid"] = frechet_distance(anime, outputs);
  return values;
}

}  // namespace atelier
