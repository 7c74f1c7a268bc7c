#include "framework/kernels/fused_norm.h"

#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <vector>

#include "framework/core/error.h"
#include "framework/kernels/memory_format.h"
#include "framework/kernels/norm_kernels.h"
#include "framework/kernels/parallel.h"

namespace atelier {
namespace {

/// What all images and passes share.
struct Layout {
  std::int64_t images, channels, pixels, groups;
  explicit Layout(const at::Tensor& x, std::int64_t groups_)
      : images(x.size(0)), channels(x.size(1)), pixels(x.size(2) * x.size(3)), groups(groups_) {}
  std::int64_t per_group() const { return channels / groups; }
  double group_size() const { return static_cast<double>(per_group() * pixels); }
  /// Pixels that one thread takes at a time; fixes the order of the sums.
  std::int64_t piece() const { return std::max<std::int64_t>(1, 32768 / channels); }
};

/// Calls `work(first, last, a, b)` for pieces of an image, which add to sums of their own, and returns all sums: first
/// a of each channel, then b.
template <class Work>
std::vector<double> sum_pieces(const Layout& layout, Work work) {
  const std::int64_t piece = layout.piece(), pieces = (layout.pixels + piece - 1) / piece, c = layout.channels;
  std::vector<double> sums(static_cast<std::size_t>(pieces * 2 * c), 0.0);
  parallel_for(0, pieces, 1, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t p = first; p < last; ++p) {
      double* own = sums.data() + p * 2 * c;
      work(p * piece, std::min(layout.pixels, (p + 1) * piece), own, own + c);
    }
  });
  for (std::int64_t p = 1; p < pieces; ++p) {
    for (std::int64_t i = 0; i < 2 * c; ++i)
      sums[static_cast<std::size_t>(i)] += sums[static_cast<std::size_t>(p * 2 * c + i)];
  }
  sums.resize(static_cast<std::size_t>(2 * c));
  return sums;
}

/// Per-channel numbers of one image.
template <class C>
struct Channels {
  std::vector<C> mean, scale, beta;
};

template <class T, class C>
struct Passes {
  const NormKernels<T, C>& kernels;
  Layout layout;
  NormOptions options;
  C slope;

  static T* data(const at::Tensor& x) { return x.defined() ? static_cast<T*>(x.data_ptr()) : nullptr; }
  template <class P>
  static P* image(P* data, std::int64_t offset) {
    return data ? data + offset : nullptr;
  }

  /// Gamma or beta of a channel.
  static double parameter(const at::Tensor& all, std::int64_t c) {
    const std::int64_t i = all.numel() == 1 ? 0 : c;
    return all.scalar_type() == at::kDouble ? all.const_data_ptr<double>()[i]
                                            : static_cast<double>(all.const_data_ptr<float>()[i]);
  }

  double divisor(double deviation) const {
    return options.beside_deviation ? deviation + options.epsilon : std::sqrt(deviation * deviation + options.epsilon);
  }

  /// Mean and deviation of each group. The first pixel's values are near the others', so squares around them do not
  /// cancel.
  void moments(const T* x, double* moment) const {
    std::vector<C> shift(static_cast<std::size_t>(layout.channels));
    for (std::int64_t c = 0; c < layout.channels; ++c) shift[static_cast<std::size_t>(c)] = first_value(x, c);
    const std::vector<double> sums =
        sum_pieces(layout, [&](std::int64_t first, std::int64_t last, double* a, double* b) {
          kernels.sums(x, first, last, layout.channels, shift.data(), a, b);
        });
    const auto pixels = static_cast<double>(layout.pixels), per_group = static_cast<double>(layout.per_group());
    for (std::int64_t g = 0; g < layout.groups; ++g) {
      double mean = 0, squares = 0;
      const std::int64_t begin = g * layout.per_group(), end = begin + layout.per_group();
      const auto channel_mean = [&](std::int64_t c) {
        return static_cast<double>(shift[static_cast<std::size_t>(c)]) + sums[static_cast<std::size_t>(c)] / pixels;
      };
      for (std::int64_t c = begin; c < end; ++c) mean += channel_mean(c) / per_group;
      for (std::int64_t c = begin; c < end; ++c) {
        const double offset = sums[static_cast<std::size_t>(c)] / pixels;
        const double within = sums[static_cast<std::size_t>(layout.channels + c)] / pixels - offset * offset;
        const double between = channel_mean(c) - mean;
        squares += (std::max(0.0, within) + between * between) / per_group;
      }
      moment[2 * g] = mean;
      moment[2 * g + 1] = std::sqrt(squares);
    }
  }

  static C first_value(const T* x, std::int64_t c) {
    if constexpr (std::is_same_v<T, std::uint16_t>) {
      return static_cast<float>(c10::BFloat16(x[c], c10::BFloat16::from_bits()));
    } else {
      return x[c];
    }
  }

  Channels<C> channels(const double* moment, const at::Tensor& gamma, const at::Tensor& beta) const {
    Channels<C> result;
    for (std::int64_t c = 0; c < layout.channels; ++c) {
      const double* m = moment + 2 * (c / layout.per_group());
      result.mean.push_back(static_cast<C>(m[0]));
      result.scale.push_back(static_cast<C>(parameter(gamma, c) / divisor(m[1])));
      result.beta.push_back(static_cast<C>(parameter(beta, c)));
    }
    return result;
  }

  void forward(const at::Tensor& x, const at::Tensor& skip, const at::Tensor& gamma, const at::Tensor& beta,
               const at::Tensor& y, const at::Tensor& moment) const {
    for (std::int64_t i = 0; i < layout.images; ++i) {
      const std::int64_t offset = i * layout.pixels * layout.channels;
      double* m = moment.data_ptr<double>() + i * layout.groups * 2;
      moments(data(x) + offset, m);
      const Channels<C> own = channels(m, gamma, beta);
      parallel_for(0, layout.pixels, layout.piece(), [&](std::int64_t first, std::int64_t last) {
        kernels.apply(data(x) + offset, image(data(skip), offset), data(y) + offset, first, last, layout.channels,
                      own.mean.data(), own.scale.data(), own.beta.data(), slope);
      });
    }
  }

  /// Writes dx and, where it is defined, dskip; adds to the gradients of gamma and beta of each channel.
  void backward(const at::Tensor& x, const at::Tensor& y, const at::Tensor& dy, const at::Tensor& gamma,
                const at::Tensor& beta, const at::Tensor& moment, const at::Tensor& dx, const at::Tensor& dskip,
                std::vector<double>& dgamma, std::vector<double>& dbeta) const {
    const auto c_all = static_cast<std::size_t>(layout.channels);
    std::vector<C> along(c_all), offset_of(c_all);
    for (std::int64_t i = 0; i < layout.images; ++i) {
      const std::int64_t offset = i * layout.pixels * layout.channels;
      const double* m = moment.const_data_ptr<double>() + i * layout.groups * 2;
      const Channels<C> own = channels(m, gamma, beta);
      const T *from = data(x) + offset, *out = image(data(y), offset), *g = data(dy) + offset;
      const std::vector<double> sums =
          sum_pieces(layout, [&](std::int64_t first, std::int64_t last, double* a, double* b) {
            kernels.gradient_sums(from, out, g, first, last, layout.channels, own.mean.data(), own.scale.data(),
                                  own.beta.data(), slope, a, b);
          });
      for (std::int64_t group = 0; group < layout.groups; ++group) {
        const double deviation = m[2 * group + 1], d = divisor(deviation);
        // Through the mean, and through the deviation: of one colour there is none, and no direction that would change
        // it.
        double mean_part = 0, deviation_part = 0;
        const std::int64_t begin = group * layout.per_group(), end = begin + layout.per_group();
        for (std::int64_t c = begin; c < end; ++c) {
          mean_part += parameter(gamma, c) * sums[static_cast<std::size_t>(c)] / layout.group_size();
          deviation_part += parameter(gamma, c) * sums[c_all + static_cast<std::size_t>(c)] / layout.group_size();
        }
        const double square = options.beside_deviation ? deviation * d : d * d;
        const double factor = square > 0 ? deviation_part / square : 0;
        for (std::int64_t c = begin; c < end; ++c) {
          const auto k = static_cast<std::size_t>(c);
          dgamma[k] += sums[c_all + k] / d;
          dbeta[k] += sums[k];
          along[k] = static_cast<C>(factor / d);
          offset_of[k] = static_cast<C>(mean_part / d);
        }
      }
      parallel_for(0, layout.pixels, layout.piece(), [&](std::int64_t first, std::int64_t last) {
        kernels.gradient(from, out, g, data(dx) + offset, image(data(dskip), offset), first, last, layout.channels,
                         own.mean.data(), own.scale.data(), own.beta.data(), slope, offset_of.data(), along.data());
      });
    }
  }
};

/// Calls `work` with the passes for the type of `x`.
template <class Work>
void with_passes(const at::Tensor& x, const NormOptions& options, double slope, Work work) {
  const Layout layout(x, options.groups);
  const AllNormKernels& kernels = norm_kernels();
  switch (x.scalar_type()) {
    case at::kFloat:
      return work(Passes<float, float>{kernels.single, layout, options, static_cast<float>(slope)});
    case at::kDouble:
      return work(Passes<double, double>{kernels.twofold, layout, options, slope});
    case at::kBFloat16:
      return work(Passes<std::uint16_t, float>{kernels.half, layout, options, static_cast<float>(slope)});
    default:
      throw Error(std::string("no norm of ") + at::toString(x.scalar_type()));
  }
}

/// Gradients of all channels as the parameter has them: C numbers, or their sum.
at::Tensor parameter_gradient(const at::Tensor& parameter, const std::vector<double>& channels) {
  const at::Tensor all = at::tensor(channels, at::kDouble);
  return (parameter.numel() == 1 ? all.sum().view(parameter.sizes()) : all).to(parameter.scalar_type());
}

class FusedNorm : public torch::autograd::Function<FusedNorm> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input, const at::Tensor& gamma,
                            const at::Tensor& beta, const std::optional<at::Tensor>& beside, std::int64_t groups,
                            double epsilon, bool beside_deviation, double slope) {
    const NormOptions options{groups, epsilon, beside_deviation};
    const at::Tensor x = channels_last(input), skip = channels_last(beside.value_or(at::Tensor())),
                     y = at::empty_like(x, at::MemoryFormat::ChannelsLast);
    const at::Tensor moment = at::empty({x.size(0), groups, 2}, at::kDouble);
    with_passes(x, options, slope, [&](const auto& passes) { passes.forward(x, skip, gamma, beta, y, moment); });
    // Which side of the activation: from the output, which the next layer keeps anyway, where there is something
    // beside.
    context->save_for_backward({x, gamma, beta, moment, skip.defined() && slope != 1 ? y : at::Tensor()});
    context->saved_data["groups"] = groups;
    context->saved_data["epsilon"] = epsilon;
    context->saved_data["beside_deviation"] = beside_deviation;
    context->saved_data["slope"] = slope;
    context->saved_data["skip"] = skip.defined();
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor &x = saved[0], &gamma = saved[1], &beta = saved[2], &moment = saved[3], &y = saved[4];
    const NormOptions options{context->saved_data["groups"].toInt(), context->saved_data["epsilon"].toDouble(),
                              context->saved_data["beside_deviation"].toBool()};
    const double slope = context->saved_data["slope"].toDouble();
    const bool has_skip = context->saved_data["skip"].toBool();
    const at::Tensor dy = channels_last(gradients[0]), dx = at::empty_like(x, at::MemoryFormat::ChannelsLast);
    at::Tensor dskip;
    if (has_skip) dskip = y.defined() ? at::empty_like(x, at::MemoryFormat::ChannelsLast) : dy;
    std::vector<double> dgamma(static_cast<std::size_t>(x.size(1)), 0.0), dbeta = dgamma;
    with_passes(x, options, slope, [&](const auto& passes) {
      passes.backward(x, y, dy, gamma, beta, moment, dx, y.defined() ? dskip : at::Tensor(), dgamma, dbeta);
    });
    return {dx,
            parameter_gradient(gamma, dgamma),
            parameter_gradient(beta, dbeta),
            dskip,
            at::Tensor(),
            at::Tensor(),
            at::Tensor(),
            at::Tensor()};
  }
};

}  // namespace

at::Tensor fused_norm(const at::Tensor& x, const at::Tensor& gamma, const at::Tensor& beta, const NormOptions& options,
                      double slope, const at::Tensor& skip) {
  return FusedNorm::apply(x, gamma, beta, skip.defined() ? std::optional(skip) : std::nullopt, options.groups,
                          options.epsilon, options.beside_deviation, slope);
}

}  // namespace atelier
