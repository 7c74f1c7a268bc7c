#include <torch/csrc/autograd/custom_function.h>

#include <vector>

#include "experiments/layers/normalization.h"
#include "framework/core/error.h"

namespace atelier {
namespace {

constexpr double batch_epsilon = 1e-5;
constexpr double batch_momentum = 0.1;

/// One number a channel, to multiply N x C x H x W with.
at::Tensor per_channel(const at::Tensor& values, const at::Tensor& like) {
  return values.to(like.scalar_type()).view({1, -1, 1, 1});
}

/// Over the images of all ranks. With S the sums over ranks and pixels, n their number and z = (x - mean) / deviation:
/// dx = gamma / deviation * (dy - S(dy) / n - z S(dy z) / n); the gradients of gamma and beta are this rank's own
/// parts, S(dy z) and S(dy) before the sum over ranks, as those of all other parameters are.
class GlobalBatchNorm : public torch::autograd::Function<GlobalBatchNorm> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& x, const at::Tensor& gamma,
                            const at::Tensor& beta, const at::Tensor& running_mean, const at::Tensor& running_variance,
                            TensorReduction* ranks) {
    // One sum over ranks: of the number of values, of means and of mean squares times that number. In double precision
    // what the difference of mean square and squared mean loses does not matter.
    const std::int64_t channels = x.size(1), here = x.numel() / channels;
    at::Tensor sums = at::zeros({2 * channels}, x.options().dtype(at::kDouble));
    if (here > 0) {
      const auto [mean_here, variance_here] = at::batch_norm_update_stats(x, {}, {}, /*momentum=*/0);
      const at::Tensor m = mean_here.to(at::kDouble);
      sums = at::cat({m, variance_here.to(at::kDouble) + m.square()}) * static_cast<double>(here);
    }
    const double n = sum_over(*ranks, sums, static_cast<double>(here));
    if (n < 2) {
      throw Error(
          "batch normalisation of one pixel of one image has no variance; take larger pictures or batches, or another "
          "norm");
    }
    const at::Tensor mean = sums.narrow(0, 0, channels) / n;
    const at::Tensor variance = (sums.narrow(0, channels, channels) / n - mean.square()).clamp_min(0);
    running_mean.lerp_(mean.to(running_mean.scalar_type()), batch_momentum);
    running_variance.lerp_((variance * (n / (n - 1))).to(running_variance.scalar_type()), batch_momentum);

    context->save_for_backward({x, gamma, mean, at::rsqrt(variance + batch_epsilon)});
    context->saved_data["n"] = n;
    context->saved_data["ranks"] =
        reinterpret_cast<std::int64_t>(ranks);  // outlives the network, as NetworkContext says
    return at::batch_norm(x, gamma, beta, mean.to(gamma.scalar_type()), variance.to(gamma.scalar_type()),
                          /*training=*/false,
                          /*momentum=*/0, batch_epsilon, /*cudnn_enabled=*/false);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    if (at::GradMode::is_enabled()) {
      throw Error("batch normalisation has no second derivative; a gradient penalty needs another norm");
    }
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &gamma = saved[1], &mean = saved[2], &inverse = saved[3], &dy = gradients[0];
    const double n = context->saved_data["n"].toDouble();
    auto* ranks = reinterpret_cast<TensorReduction*>(context->saved_data["ranks"].toInt());

    at::Tensor dgamma = at::zeros_like(gamma), dbeta = at::zeros_like(gamma);
    if (x.numel() > 0) {
      std::tie(std::ignore, dgamma, dbeta) = at::native_batch_norm_backward(
          dy, x, gamma, {}, {}, mean.to(gamma.scalar_type()), inverse.to(gamma.scalar_type()),
          /*train=*/true, batch_epsilon, {false, true, true});
    }
    const at::Tensor sums = at::cat({dbeta, dgamma}).to(at::kDouble);
    sum_over(*ranks, sums, 0);
    const std::int64_t channels = x.size(1);
    const at::Tensor mean_dy = sums.narrow(0, 0, channels) / n, mean_dyz = sums.narrow(0, channels, channels) / n;
    at::Tensor dx = x - per_channel(mean, x);
    dx.mul_(per_channel(-mean_dyz * inverse, x)).add_(dy).sub_(per_channel(mean_dy, x));
    dx.mul_(per_channel(gamma * inverse, x));
    return {dx, dgamma, dbeta, at::Tensor(), at::Tensor(), at::Tensor()};
  }

 private:
  /// Sums in place; the sum of `count`. One rank has the sums already, and a GPU need not be waited for.
  static double sum_over(TensorReduction& ranks, at::Tensor sums, double count) {
    if (ranks.size() == 1) return count;
    const std::int64_t numbers = sums.numel();
    const at::Tensor all = at::cat({sums.cpu(), at::full({1}, count, at::kDouble)});
    ranks.sum(all);
    sums.copy_(all.narrow(0, 0, numbers));
    return all[numbers].item<double>();
  }
};

/// Batch normalisation over all images of a step, whatever the number of ranks they lie on, also when a rank has more
/// than another. In evaluation, by the running means of what training saw: momentum 0.1, variance unbiased, epsilon
/// 1e-5. While training each pass is a collective call, forward and backward.
///
/// Source: Ioffe and Szegedy, "Batch normalization", ICML 2015.
class BatchNorm : public Norm {
 public:
  BatchNorm(std::int64_t channels, TensorReduction& ranks) : ranks_(ranks) {
    gamma_ = register_parameter("gamma", at::ones({channels}));
    beta_ = register_parameter("beta", at::zeros({channels}));
    running_mean_ = register_buffer("running_mean", at::zeros({channels}));
    running_variance_ = register_buffer("running_variance", at::ones({channels}));
  }
  at::Tensor forward(const at::Tensor& x, Activation activation, const at::Tensor& skip) override {
    const at::Tensor y = is_training()
                             ? GlobalBatchNorm::apply(x, gamma_, beta_, running_mean_, running_variance_, &ranks_)
                             : at::batch_norm(x, gamma_, beta_, running_mean_, running_variance_, /*training=*/false,
                                              /*momentum=*/0, batch_epsilon, /*cudnn_enabled=*/false);
    return add_and_activate(y, activation, skip);
  }

 private:
  TensorReduction& ranks_;
  at::Tensor gamma_, beta_, running_mean_, running_variance_;
};

}  // namespace

std::shared_ptr<Norm> make_batch_norm(std::int64_t channels, const NetworkContext& context) {
  return std::make_shared<BatchNorm>(channels, context.ranks);
}

}  // namespace atelier
