#pragma once

#include <cstring>
#include <string>
#include <vector>

#include "experiments/photo_to_anime/photo_to_anime.h"
#include "experiments/spec.h"
#include "tests/tiny_data.h"

namespace atelier {

/// Settings of a spec that belong together, each as `--set` takes it.
using Changes = std::vector<std::string>;

inline std::string to_text(const Changes& changes) {
  std::string text;
  for (const std::string& change : changes) text += (text.empty() ? "" : " ") + change;
  return text;
}

/// The experiment of `make_tiny_experiment` with some settings changed, and a smaller network that measures.
inline ExperimentSpec tiny_spec(const std::filesystem::path& folder, const Changes& changes) {
  Document document = Document::from_file(folder / "tiny.toml");
  document.set("evaluate.pooled_layer=conv2_2");
  for (const std::string& change : changes) document.set(change);
  return ExperimentSpec::from(document);
}

/// A training of it with all that it needs, at its first step.
struct TinyTraining {
  TinyTraining(const std::filesystem::path& folder, const Changes& changes)
      : spec(tiny_spec(folder, changes)),
        data(PhotoToAnimeData::open(spec.as<PhotoToAnimeSpec>().data)),
        ranks(make_serial_communicator()),
        task(spec.as<PhotoToAnimeSpec>(), spec.seed, data, *ranks) {}

  /// What steps [first, last) return, one after the other.
  std::vector<at::Tensor> run(std::int64_t first, std::int64_t last) {
    std::vector<at::Tensor> losses;
    for (std::int64_t step = first; step < last; ++step) losses.push_back(task.step(step));
    return losses;
  }
  /// Copies of all that a checkpoint would hold.
  std::pair<TensorMap, TensorMap> state() const {
    std::pair<TensorMap, TensorMap> copies;
    task.save(copies.first, copies.second);
    for (TensorMap* map : {&copies.first, &copies.second}) {
      for (auto& [name, tensor] : *map) tensor = tensor.detach().clone();
    }
    return copies;
  }

  ExperimentSpec spec;
  PhotoToAnimeData data;
  std::unique_ptr<Communicator> ranks;
  PhotoToAnime task;
};

/// Not even the sign of a zero differs.
inline bool same_bits(const at::Tensor& a, const at::Tensor& b) {
  const at::Tensor x = a.detach().contiguous(), y = b.detach().contiguous();
  return x.scalar_type() == y.scalar_type() && x.sizes() == y.sizes() &&
         std::memcmp(x.data_ptr(), y.data_ptr(), x.numel() * x.element_size()) == 0;
}

/// Every value of every key that has named values, every switch turned and every term of the losses: what `atelier plan
/// --show` lists, with what a value needs besides. A new entry of a catalog is among them without being named here.
inline std::vector<Changes> every_choice() {
  ExperimentSpec defaults;
  std::vector<Changes> all{{}};
  const Fields fields = defaults.fields();
  for (const Field& field : fields.all()) {
    const bool is_switch = std::holds_alternative<bool*>(field.target);
    if (field.key == "kind" || field.key.starts_with("record.") || field.key == "speed.cuda_graphs") continue;
    // A term of the losses that is usually left out.
    if (field.key.starts_with("loss.") && field.key.ends_with(".weight") && field.value() == Value(0.0))
      all.push_back({field.key + "=1"});
    if (is_switch) all.push_back({field.key + (field.value() == Value(true) ? "=false" : "=true")});
    for (const std::string_view value : field.allowed) {
      const std::string set = field.key + "=" + std::string(value);
      Changes changes{set};
      // Lists of names take one.
      if (field.value().is_list()) changes = {field.key + "=[\"" + std::string(value) + "\"]"};
      if (value == "tf32" || value == "cuda") continue;          // for GPUs
      if (field.value() == Value(std::string(value))) continue;  // the first of all
      if (field.key == "loss.color.space") changes.push_back("loss.color.weight=1");
      if (field.key == "features.network" && value.starts_with("squeezenet")) {
        changes.insert(changes.end(), {"data.crop=24", "loss.content.layer=fire3",
                                       "loss.style.layers=[\"conv1\", \"fire4\"]", "evaluate.content_layer=fire2",
                                       "evaluate.style_layers=[\"fire3\"]", "evaluate.pooled_layer=fire5"});
      }
      if (field.key == "evaluate.network" && value.starts_with("squeezenet")) {
        changes.insert(changes.end(), {"evaluate.crop=40", "evaluate.content_layer=fire2",
                                       "evaluate.style_layers=[\"fire3\"]", "evaluate.pooled_layer=fire5"});
      }
      if (value == "sgd") changes.push_back(field.key.substr(0, field.key.rfind('.')) + ".lr=0.01");
      if (field.key.ends_with(".schedule")) {
        const std::string table = field.key.substr(0, field.key.rfind('.'));
        changes.insert(changes.end(), {table + ".warmup=4", table + ".hold=0.3", table + ".final=0.1"});
      }
      all.push_back(changes);
    }
  }
  return all;
}

/// What numbers and several keys together can do, which `every_choice` does not try.
inline std::vector<Changes> more_choices() {
  std::vector<Changes> all{
      {"discriminator.depth=3"},
      {"discriminator.depth=4", "discriminator.spectral=true"},
      {"discriminator.kind=multi-scale", "discriminator.scales=3", "discriminator.spectral=true"},
      {"train.discriminator_steps=3"},
      {"train.update=alternating", "train.discriminator_steps=3", "data.batch=4", "train.accumulate=2"},
      {"train.accumulate=2"},
      {"train.clip=0.01"},
      {"train.ema=0.99"},
      {"train.generator.optimizer=adamw", "train.generator.weight_decay=0.01"},
      {"loss.content.layers=[\"conv1_1\", \"conv2_1\"]", "loss.content.layer_weights=[0.5, 2.0]"},
      {"loss.style.layers=[\"conv1_1\", \"conv2_1\"]", "loss.style.layer_weights=[2.0, 0.5]"},
      {"loss.tv.weight=1", "loss.identity.weight=1", "loss.color.weight=1"},
      {"loss.smooth.weight=0", "loss.content.weight=0"},
      {"loss.style.weight=0", "loss.content.weight=0"},
      {"loss.adversarial.weight=0"},
      {"loss.adversarial.kind=wgan-gp", "loss.adversarial.penalty=0"},
      {"loss.adversarial.kind=wgan-gp", "discriminator.kind=multi-scale", "discriminator.spectral=true",
       "train.discriminator_steps=2"},
      {"features.cache_precision=fp16", "data.crop=40"},
      {"train.precision=bf16", "discriminator.spectral=true", "train.ema=0.9", "train.clip=1"},
  };
  for (const char* kind : {"generator.kind=residual", "generator.kind=light", "generator.kind=unet"}) {
    all.push_back({kind, "generator.norm=batch", "discriminator.norm=batch", "train.ema=0.9", "train.precision=bf16"});
  }
  return all;
}

}  // namespace atelier
