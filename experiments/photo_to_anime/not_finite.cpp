#include "experiments/photo_to_anime/not_finite.h"

#include <algorithm>

#include "experiments/layers/network_state.h"

namespace atelier {
namespace {

bool is_finite(const at::Tensor& x) { return !x.defined() || at::isfinite(x).all().item<bool>(); }

}  // namespace

void NotFinite::look(const at::Tensor& losses, const std::vector<std::string>& names, const MicroBatches& batches) {
  if (!device_.is_cpu()) {
    last_ = {losses, names, batches};
  } else if (found_.empty() && !is_finite(losses)) {
    search({losses, names, batches});
  }
}

void NotFinite::search(const Step& step) {
  const at::NoGradGuard no_grad;
  // The other ranks may have seen nothing, so no collective calls; and running means are not moved once more.
  networks_.generator->eval();
  networks_.discriminator->eval();
  found_ = find(step);
  networks_.generator->train();
  networks_.discriminator->train();
}

std::string NotFinite::find(const Step& step) const {
  for (const MicroBatch& micro : step.batches) {
    if (!is_finite(micro.batch.photo)) return "the photos";
  }
  for (const MicroBatch& micro : step.batches) {
    if (!is_finite(micro.batch.anime)) return "the anime";
  }
  // Parameters alone: running means have already seen what this step computed from them.
  for (const auto& item : networks_.generator->named_parameters()) {
    if (!is_finite(item.value())) return "generator." + item.key();
  }
  for (const auto& item : networks_.discriminator->named_parameters()) {
    if (!is_finite(item.value())) return "discriminator." + item.key();
  }
  const auto all_finite = [](const std::vector<at::Tensor>& tensors) {
    return std::ranges::all_of(tensors, is_finite);
  };
  for (const auto& [batch, share, targets, mix] : step.batches) {
    const at::Tensor output = networks_.generate(batch.photo);
    if (!is_finite(output)) return "the generator's output";
    if (networks_.features) {
      for (const auto& [layer, tensor] : networks_.features_of(output)) {
        if (!is_finite(tensor)) return "the output's features at " + layer;
      }
    }
    if (!batch.anime.defined()) continue;  // in pretraining
    if (!all_finite(networks_.judge(output))) return "the discriminator's logits of the output";
    if (!all_finite(networks_.judge(batch.anime))) return "the discriminator's logits of anime";
  }
  for (std::size_t i = 0; i < step.names.size(); ++i) {
    if (!is_finite(step.losses[static_cast<std::int64_t>(i)])) return step.names[i];
  }
  return {};
}

std::string NotFinite::first() {
  if (found_.empty() && last_.losses.defined()) search(last_);
  if (!found_.empty()) return found_;
  // All losses were finite: what a gradient or an update made of the parameters.
  for (const auto& [network, name] :
       {std::pair<const torch::nn::Module*, const char*>{&*networks_.generator, "generator"},
        {&*networks_.discriminator, "discriminator"}}) {
    for (const auto& [key, tensor] : named_state(*network, name)) {
      if (!is_finite(tensor)) return key + ", after the update";
    }
  }
  return {};
}

void NotFinite::save(TensorMap& state) const {
  if (found_.empty()) return;
  at::Tensor name = at::empty({static_cast<std::int64_t>(found_.size())}, at::kByte);
  std::copy(found_.begin(), found_.end(), name.data_ptr<std::uint8_t>());
  state["not_finite"] = name;
}

void NotFinite::load(const TensorMap& state) {
  found_.clear();
  if (const auto name = state.find("not_finite"); name != state.end()) {
    const at::Tensor bytes = name->second.contiguous();
    found_.assign(bytes.data_ptr<std::uint8_t>(), bytes.data_ptr<std::uint8_t>() + bytes.numel());
  }
}

}  // namespace atelier
