#include "experiments/photo_to_anime/loss_targets.h"

#include <torch/version.h>

#include <algorithm>
#include <numeric>

#include "experiments/features/feature_weights.h"
#include "experiments/losses/loss_table.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/log.h"
#include "framework/kernels/winograd_kernels.h"
#include "framework/storage/digest.h"

namespace atelier {
namespace {

std::int64_t product(const std::vector<std::int64_t>& shape) {
  return std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>());
}

/// The numbers of one image in the order in which they lie in memory: channels last for features.
at::Tensor flat(const at::Tensor& one) {
  return one.dim() == 3 ? one.permute({1, 2, 0}).reshape({-1}) : one.reshape({-1});
}

}  // namespace

std::int64_t LossTargets::Kind::numbers() const {
  std::int64_t sum = 0;
  for (const auto& shape : shapes) sum += product(shape);
  return sum;
}

LossTargets::LossTargets(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data, const FeatureNetwork& network)
    : network_(network),
      half_(spec.features.cache_precision == "fp16"),
      flips_(spec.data.flip),
      gigabytes_left_(spec.features.cache_gb) {
  each_term(spec.loss, [&](std::string_view name, const auto& term) {
    const LossRow row = make_row(name, term);
    if (row.needs.targets == LossNeeds::Pictures::none || !is_used(spec, name, term)) return;
    Kind& kind = kinds_[row.name];
    kind.needs = row.needs;
    kind.finish = [layers = row.needs.layers, target = row.target](Features features) {
      std::erase_if(features, [&](const auto& entry) { return std::ranges::count(layers, entry.first) == 0; });
      for (auto& [layer, tensor] : features) {
        if (tensor.scalar_type() != at::kDouble) tensor = tensor.to(at::kFloat);
      }
      return target ? target(features) : features;
    };
    open(kind, name, spec, data);
  });
}

void LossTargets::open(Kind& kind, std::string_view name, const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data) {
  const bool of_photos = kind.needs.targets == LossNeeds::Pictures::photo;
  const ImageSet& set = of_photos ? data.photos : data.anime;
  const std::filesystem::path& folder = of_photos ? spec.data.photos : spec.data.anime;
  kind.whole = spec.data.crop == set.height() && spec.data.crop == set.width();
  if (spec.features.cache == "off" || !kind.whole) return;
  {
    // The shapes, from a picture of zeros.
    const at::NoGradGuard no_grad;
    const Features sample =
        kind.finish(network_.forward(at::zeros({1, 3, spec.data.crop, spec.data.crop}, network_.device())));
    for (const std::string& layer : kind.needs.layers) kind.shapes.push_back(sample.at(layer)[0].sizes().vec());
  }
  const std::int64_t entries = set.size() * (flips_ ? 2 : 1), bytes = kind.numbers() * (half_ ? 2 : 4);
  const double gigabytes = static_cast<double>(entries * bytes) / 1e9;
  if (gigabytes > gigabytes_left_) {
    log_info(
        format("{} targets are computed anew each time: to keep them takes {:.2g} GB, of features.cache_gb = {} are "
               "{:.2g} left",
               name, gigabytes, spec.features.cache_gb, gigabytes_left_));
    return;
  }
  // What the bits depend on: also how they are computed, which rounds differently.
  std::string key = format("{} {} {} {} {} {} {} flip {} {} {} {} channels_last {} vectors of {} libtorch {}{}; 2",
                           name, hex(set.digest()), spec.features.network, weights_digest(spec.features.weights),
                           spec.features.preprocess, spec.data.crop, fmt::join(kind.needs.layers, " "), flips_,
                           spec.features.cache_precision, spec.train.precision, spec.speed.convolution,
                           spec.speed.channels_last, winograd_kernels<float>(2) ? winograd_kernels<float>(2)->lanes : 0,
                           TORCH_VERSION, network_.device().is_cpu() ? "" : " on a GPU");
  if (!kind.needs.targets_form.empty()) key += " " + kind.needs.targets_form;
  const std::filesystem::path file = folder / "cache" / format("{}-{}.bin", name, hex(digest(key)));
  try {
    kind.file = std::make_unique<EntryFile>(file, key, entries, bytes);
    gigabytes_left_ -= gigabytes;
  } catch (const Error& problem) {
    log_warning(format("{} targets are computed anew each time, they cannot be kept: {}", name, problem.what()));
  }
}

Features LossTargets::compute(const Kind& kind, const at::Tensor& images) {
  const std::int64_t n = images.size(0);
  computed_ += n;
  Features features = network_.forward(images, /*alone=*/kind.whole);
  if (kind.whole && n > 1) {
    std::map<std::string, std::vector<at::Tensor>> parts;
    for (std::int64_t i = 0; i < n; ++i) {
      Features one;
      for (const auto& [layer, tensor] : features) one[layer] = tensor.narrow(0, i, 1);
      for (auto& [layer, tensor] : kind.finish(std::move(one))) parts[layer].push_back(std::move(tensor));
    }
    features.clear();
    for (const auto& [layer, tensors] : parts) features[layer] = at::cat(tensors);
  } else {
    features = kind.finish(std::move(features));
  }
  if (!half_) return features;
  for (auto& [layer, tensor] : features) {
    const at::Tensor half = tensor.to(at::kHalf);
    if (at::isinf(half).any().item<bool>() && !at::isinf(tensor).any().item<bool>()) {
      throw Error("features are too large for features.cache_precision = \"fp16\"; use \"fp32\"");
    }
    tensor = half.to(tensor.scalar_type());
  }
  return features;
}

Features LossTargets::get(Kind& kind, const at::Tensor& images, std::span<const Sample> samples) {
  const at::NoGradGuard no_grad;
  const bool keeps = kind.file && !samples.empty();
  if (!keeps) return compute(kind, images);
  const std::int64_t n = images.size(0), numbers = kind.numbers();
  const at::Tensor entries =
      at::empty({n, numbers},
                at::TensorOptions().dtype(half_ ? at::kHalf : at::kFloat).pinned_memory(!network_.device().is_cpu()));
  const auto bytes_of = [&](std::int64_t i) {
    return std::span(static_cast<std::uint8_t*>(entries.data_ptr()) + i * entries.stride(0) * entries.element_size(),
                     static_cast<std::size_t>(numbers * entries.element_size()));
  };
  const auto entry = [&](std::int64_t i) {
    const Sample& sample = samples[static_cast<std::size_t>(i)];
    return flips_ ? 2 * sample.image + sample.flipped : sample.image;
  };
  std::vector<std::int64_t> missing;
  for (std::int64_t i = 0; i < n; ++i) {
    if (!kind.file->read(entry(i), bytes_of(i))) missing.push_back(i);
  }
  if (!missing.empty()) {
    // Together, and as they lie in memory, since that changes the bits too.
    std::vector<at::Tensor> wanted;
    for (const std::int64_t i : missing) wanted.push_back(images.narrow(0, i, 1));
    const Features found = compute(kind, wanted.size() == static_cast<std::size_t>(n) ? images : at::cat(wanted));
    for (std::size_t i = 0; i < missing.size(); ++i) {
      std::vector<at::Tensor> parts;
      for (const std::string& layer : kind.needs.layers)
        parts.push_back(flat(found.at(layer)[static_cast<std::int64_t>(i)]));
      entries[missing[i]].copy_(at::cat(parts));
    }
    try {
      for (const std::int64_t i : missing) {
        if (!kind.file->writable()) break;
        if (kind.file->write(entry(i), bytes_of(i))) continue;
        log_warning("the disk is full, so targets are computed anew from now on");
        kind.file.reset();
        break;
      }
    } catch (const Error& problem) {
      // It costs time alone; the training itself can go on.
      log_warning(format("targets are computed anew from now on, they cannot be kept: {}", problem.what()));
      kind.file.reset();
    }
  }
  const at::Tensor there = entries.to(network_.device(), /*non_blocking=*/true);
  Features result;
  std::int64_t start = 0;
  for (std::size_t l = 0; l < kind.needs.layers.size(); ++l) {
    const std::int64_t size = product(kind.shapes[l]);
    const at::Tensor part = there.narrow(1, start, size).to(at::kFloat);
    const auto& s = kind.shapes[l];
    result[kind.needs.layers[l]] =
        s.size() == 3 ? part.reshape({n, s[1], s[2], s[0]}).permute({0, 3, 1, 2}) : part.reshape({n, s[0], s[1]});
    start += size;
  }
  return result;
}

Features LossTargets::get(const std::string& term, const PhotoToAnimeBatch& batch) {
  Kind& kind = kinds_.at(term);
  return kind.needs.targets == LossNeeds::Pictures::photo ? get(kind, batch.photo, batch.photo_samples)
                                                          : get(kind, batch.anime, batch.anime_samples);
}

}  // namespace atelier
