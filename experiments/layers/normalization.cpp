#include "experiments/layers/normalization.h"

#include <numeric>

#include "experiments/layers/layer_norm.h"
#include "framework/core/error.h"

namespace atelier {
namespace {

/// (x - mean) / (std + 1e-3) * gamma + beta over C, H and W of each image, with one gamma and one beta: what
/// keras_contrib's InstanceNormalization computes with axis=None. Epsilon is added to the deviation.
class LayerNorm : public Norm {
 public:
  explicit LayerNorm(const NetworkContext& context) : fused_(context.kernels.fused_norm) {
    gamma_ = register_parameter("gamma", at::ones({1}));
    beta_ = register_parameter("beta", at::zeros({1}));
  }
  at::Tensor forward(const at::Tensor& x, Activation activation) override {
    if (fused_) {
      if (activation == Activation::leaky_relu) return layer_norm_leaky(x, gamma_, beta_, leaky_slope);
      return activate(layer_norm_leaky(x, gamma_, beta_, /*slope=*/1), activation);
    }
    const at::Tensor mean = x.mean({1, 2, 3}, /*keepdim=*/true), centred = x - mean;
    const at::Tensor deviation = centred.square().mean({1, 2, 3}, /*keepdim=*/true).sqrt();
    return activate(centred / (deviation + 1e-3) * gamma_ + beta_, activation);
  }

 private:
  bool fused_;
  at::Tensor gamma_, beta_;
};

/// Over the pixels of groups of channels of each image, a scale and shift a channel; one channel a group is instance
/// normalisation. Sources: Ulyanov et al. 2016; Wu and He, "Group normalization", ECCV 2018.
class GroupNorm : public Norm {
 public:
  GroupNorm(std::int64_t groups, std::int64_t channels) : groups_(groups) {
    gamma_ = register_parameter("gamma", at::ones({channels}));
    beta_ = register_parameter("beta", at::zeros({channels}));
  }
  at::Tensor forward(const at::Tensor& x, Activation activation) override {
    return activate(at::group_norm(x, groups_, gamma_, beta_, 1e-5), activation);
  }

 private:
  std::int64_t groups_;
  at::Tensor gamma_, beta_;
};

class NoNorm : public Norm {
 public:
  at::Tensor forward(const at::Tensor& x, Activation activation) override { return activate(x, activation); }
};

std::shared_ptr<Norm> make_layer_norm(std::int64_t, const NetworkContext& context) { return std::make_shared<LayerNorm>(context); }
std::shared_ptr<Norm> make_instance_norm(std::int64_t channels, const NetworkContext&) { return std::make_shared<GroupNorm>(channels, channels); }
std::shared_ptr<Norm> make_group_norm(std::int64_t channels, const NetworkContext&) {
  return std::make_shared<GroupNorm>(std::gcd(channels, std::int64_t{32}), channels);
}
std::shared_ptr<Norm> make_no_norm(std::int64_t, const NetworkContext&) { return std::make_shared<NoNorm>(); }

}  // namespace

bool has_mixing_norm(const torch::nn::Module& network) {
  for (const auto& module : network.modules(/*include_self=*/false)) {
    const auto* norm = dynamic_cast<const Norm*>(module.get());
    if (norm && norm->mixes_images()) return true;
  }
  return false;
}

std::shared_ptr<Norm> make_norm(const std::string& name, std::int64_t channels, const NetworkContext& context) {
#define ATELIER_NORM(known, make, summary) \
  if (name == known) return make(channels, context);
#include "experiments/layers/norms.def"
#undef ATELIER_NORM
  throw Error("there is no norm " + name);
}

}  // namespace atelier
