#include "experiments/layers/normalization.h"

#include <numeric>

#include "framework/core/error.h"
#include "framework/kernels/fused_norm.h"

namespace atelier {
namespace {

/// By the fused kernel, which knows LeakyReLU; other activations follow it.
at::Tensor fused(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, const NormOptions& options,
                 Activation activation, const at::Tensor& skip) {
  if (activation == Activation::leaky_relu) return fused_norm(x, gamma, beta, options, leaky_slope, skip);
  return activate(fused_norm(x, gamma, beta, options, /*slope=*/1, skip), activation);
}

/// (x - mean) / (std + 1e-3) * gamma + beta over C, H and W of each image, with one gamma and one beta: what
/// keras_contrib's InstanceNormalization computes with axis=None. Epsilon is added to the deviation.
class LayerNorm : public Norm {
 public:
  explicit LayerNorm(const NetworkContext& context) : fused_(context.kernels.fused_norm) {
    gamma_ = register_parameter("gamma", at::ones({1}));
    beta_ = register_parameter("beta", at::zeros({1}));
  }
  at::Tensor forward(const at::Tensor& x, Activation activation, const at::Tensor& skip) override {
    constexpr double epsilon = 1e-3;
    if (fused_)
      return fused(x, gamma_, beta_, {.groups = 1, .epsilon = epsilon, .beside_deviation = true}, activation, skip);
    const at::Tensor mean = x.mean({1, 2, 3}, /*keepdim=*/true), centred = x - mean;
    // An image of one colour has no deviation, and its root no derivative.
    const at::Tensor variance = centred.square().mean({1, 2, 3}, /*keepdim=*/true), some = variance > 0;
    const at::Tensor deviation = at::where(some, variance, at::ones_like(variance)).sqrt() * some;
    return add_and_activate(centred / (deviation + epsilon) * gamma_.to(x.scalar_type()) + beta_.to(x.scalar_type()),
                            activation, skip);
  }

 private:
  bool fused_;
  at::Tensor gamma_, beta_;
};

/// Over the pixels of groups of channels of each image, a scale and shift a channel; one channel a group is instance
/// normalisation. Sources: Ulyanov et al. 2016; Wu and He, "Group normalization", ECCV 2018.
class GroupNorm : public Norm {
 public:
  GroupNorm(std::int64_t groups, std::int64_t channels, const NetworkContext& context)
      : fused_(context.kernels.fused_norm), groups_(groups) {
    gamma_ = register_parameter("gamma", at::ones({channels}));
    beta_ = register_parameter("beta", at::zeros({channels}));
  }
  at::Tensor forward(const at::Tensor& x, Activation activation, const at::Tensor& skip) override {
    constexpr double epsilon = 1e-5;
    if (fused_) return fused(x, gamma_, beta_, {.groups = groups_, .epsilon = epsilon}, activation, skip);
    const at::Tensor y = at::group_norm(x, groups_, gamma_.to(x.scalar_type()), beta_.to(x.scalar_type()), epsilon);
    return add_and_activate(y, activation, skip);
  }

 private:
  bool fused_;
  std::int64_t groups_;
  at::Tensor gamma_, beta_;
};

class NoNorm : public Norm {
 public:
  at::Tensor forward(const at::Tensor& x, Activation activation, const at::Tensor& skip) override {
    return skip.defined() ? activate_in_place(x + skip, activation) : activate(x, activation);
  }
};

std::shared_ptr<Norm> make_layer_norm(std::int64_t, const NetworkContext& context) {
  return std::make_shared<LayerNorm>(context);
}
std::shared_ptr<Norm> make_instance_norm(std::int64_t channels, const NetworkContext& context) {
  return std::make_shared<GroupNorm>(channels, channels, context);
}
std::shared_ptr<Norm> make_group_norm(std::int64_t channels, const NetworkContext& context) {
  // A channel a group would be instance normalisation.
  const std::int64_t groups = std::gcd(channels, std::int64_t{32});
  return std::make_shared<GroupNorm>(groups == channels ? std::max<std::int64_t>(channels / 2, 1) : groups, channels,
                                     context);
}
std::shared_ptr<Norm> make_no_norm(std::int64_t, const NetworkContext&) { return std::make_shared<NoNorm>(); }

}  // namespace

at::Tensor add_and_activate(const at::Tensor& x, Activation activation, const at::Tensor& skip) {
  return activate_in_place(skip.defined() ? x + skip : x, activation);
}

std::shared_ptr<Norm> make_norm(std::string_view name, std::int64_t channels, const NetworkContext& context) {
#define ATELIER_NORM(known, make, parameters, multiply_adds, kept, mixes, summary) \
  if (name == known) return make(channels, context);
#include "experiments/layers/norms.def"
#undef ATELIER_NORM
  throw Error("there is no norm " + std::string(name));
}

}  // namespace atelier
