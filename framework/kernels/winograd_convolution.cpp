#include "framework/kernels/winograd_convolution.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <atomic>
#include <optional>

#include "framework/core/error.h"
#include "framework/kernels/memory_format.h"
#include "framework/kernels/parallel.h"
#include "framework/kernels/winograd_kernels.h"

namespace atelier {
namespace {

template <class Pixel>
const WinogradKernels<Pixel>& kernels_of(WinogradTile tile) {
  const WinogradKernels<Pixel>* kernels = winograd_kernels<Pixel>(tile == WinogradTile::four ? 4 : 2);
  if (!kernels) throw Error("this processor has neither AVX2 nor AVX-512, which Winograd's convolution needs");
  return *kernels;
}

/// Calls `work(kernels)` with the kernels for activations of this type.
template <class Work>
auto with_kernels(at::ScalarType type, WinogradTile tile, Work work) {
  if (type == at::kBFloat16) return work(kernels_of<std::uint16_t>(tile));
  return work(kernels_of<float>(tile));
}

const float* pixels_of(const at::Tensor& x, const WinogradKernels<float>&) { return x.const_data_ptr<float>(); }
const std::uint16_t* pixels_of(const at::Tensor& x, const WinogradKernels<std::uint16_t>&) {
  return reinterpret_cast<const std::uint16_t*>(x.const_data_ptr<at::BFloat16>());
}

WinogradShape shape_of(const at::Tensor& x, std::int64_t out, std::int64_t padding) {
  return {
      .images = x.size(0), .height = x.size(2), .width = x.size(3), .in = x.size(1), .out = out, .padding = padding};
}

std::optional<at::Tensor> given(const at::Tensor& tensor) {
  return tensor.defined() ? std::optional(tensor) : std::nullopt;
}

/// Floats that are not filled first.
at::Tensor floats(std::int64_t count) { return at::empty({count}, at::TensorOptions().dtype(at::kFloat)); }

template <class Pixel>
at::Tensor transformed_weights(const WinogradKernels<Pixel>& kernels, const WinogradShape& shape,
                               const at::Tensor& weight, bool backward) {
  const at::Tensor result = floats(kernels.weights_size(shape));
  const std::int64_t panel = kernels.panel(), panels = (shape.out + panel - 1) / panel;
  const float* from = weight.const_data_ptr<float>();
  float* to = result.mutable_data_ptr<float>();
  parallel_for(0, panels, 1, [&](std::int64_t first, std::int64_t last) {
    kernels.transform_weights(shape, from, backward, first * panel, std::min(last * panel, shape.out), to);
  });
  return result;
}

/// One direction: from `x`, where `mask` is above zero if there is one.
template <class Pixel>
at::Tensor run(const WinogradKernels<Pixel>& kernels, const WinogradShape& shape, const at::Tensor& x,
               const at::Tensor& mask, const at::Tensor& transformed, const at::Tensor& bias, bool relu) {
  const at::Tensor y = at::empty({shape.images, shape.out, shape.out_height(), shape.out_width()}, x.options(),
                                 at::MemoryFormat::ChannelsLast);
  // Blocks that keep a thread's patches in its second-level cache, all of nearly one size.
  constexpr std::int64_t cache = 768 << 10;
  const std::int64_t tiles = kernels.tiles(shape), threads = at::get_num_threads();
  const std::int64_t fits =
      std::max<std::int64_t>(8, cache / static_cast<std::int64_t>(sizeof(float)) / kernels.scratch_size(shape, 1));
  std::int64_t blocks = (tiles + fits - 1) / fits;
  blocks = std::min((blocks + threads - 1) / threads * threads, tiles);
  const Pixel *from = pixels_of(x, kernels), *above = mask.defined() ? pixels_of(mask, kernels) : nullptr;
  const float *weights = transformed.const_data_ptr<float>(),
              *shift = bias.defined() ? bias.const_data_ptr<float>() : nullptr;
  Pixel* to = const_cast<Pixel*>(pixels_of(y, kernels));
  // One piece of scratch for each part of the loop, of which there are as many as threads at most.
  const std::int64_t scratch_size = kernels.scratch_size(shape, (tiles + blocks - 1) / blocks);
  const at::Tensor all_scratch = floats(std::min(threads, blocks) * scratch_size);
  float* scratch = all_scratch.mutable_data_ptr<float>();
  std::atomic<std::int64_t> taken = 0;
  parallel_for(0, blocks, 1, [&](std::int64_t first, std::int64_t last) {
    float* own = scratch + taken++ * scratch_size;
    for (std::int64_t b = first; b < last; ++b) {
      kernels.forward(shape, from, above, weights, shift, relu, to, tiles * b / blocks, tiles * (b + 1) / blocks, own);
    }
  });
  return y;
}

template <class Pixel>
at::Tensor weight_gradient(const WinogradKernels<Pixel>& kernels, const WinogradShape& shape, const at::Tensor& x,
                           const at::Tensor& dy) {
  constexpr std::int64_t chunk = 256;  // tiles between two products
  const std::int64_t tiles = kernels.tiles(shape), places = kernels.places(), block = std::min(chunk, tiles);
  const at::Tensor patches = floats(places * block * shape.in), gradients = floats(places * block * shape.out),
                   sums = floats(kernels.weights_size(shape));
  float *p = patches.mutable_data_ptr<float>(), *g = gradients.mutable_data_ptr<float>(),
        *s = sums.mutable_data_ptr<float>();
  const Pixel *from = pixels_of(x, kernels), *gradient = pixels_of(dy, kernels);
  for (std::int64_t base = 0; base < tiles; base += block) {
    const std::int64_t count = std::min(block, tiles - base);
    parallel_for(base, base + count, 8, [&](std::int64_t first, std::int64_t last) {
      kernels.transform_pair(shape, from, gradient, first, last, base, block, p, g);
    });
    parallel_for(0, places, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t place = first; place < last; ++place) {
        kernels.multiply_pair(shape, p + place * block * shape.in, g + place * block * shape.out, count, base > 0,
                              s + place * shape.in * shape.out);
      }
    });
  }
  const at::Tensor result = at::empty({shape.out, shape.in, 3, 3}, at::TensorOptions().dtype(at::kFloat));
  float* to = result.mutable_data_ptr<float>();
  parallel_for(0, shape.in, 8,
               [&](std::int64_t first, std::int64_t last) { kernels.gradient_back(shape, s, first, last, to); });
  return result;
}

class WinogradConvolution : public torch::autograd::Function<WinogradConvolution> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& weight, const std::optional<at::Tensor>& bias, std::int64_t tile,
                            std::int64_t padding, bool relu) {
    const at::Tensor x = channels_last(input), w = weight.contiguous();
    const WinogradShape shape = shape_of(x, w.size(0), padding);
    const at::Tensor y = with_kernels(x.scalar_type(), static_cast<WinogradTile>(tile), [&](const auto& kernels) {
      return run(kernels, shape, x, {}, transformed_weights(kernels, shape, w, false), bias.value_or(at::Tensor()),
                 relu);
    });
    context->save_for_backward({x, w, relu ? y : at::Tensor()});
    context->saved_data["bias"] = bias.has_value();
    context->saved_data["tile"] = tile;
    context->saved_data["padding"] = padding;
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const std::int64_t padding = context->saved_data["padding"].toInt();
    const at::Tensor &x = saved[0], &w = saved[1], &y = saved[2];
    at::Tensor dy = channels_last(gradients[0]), dx, dw, db;
    if (y.defined()) dy = dy * (y > 0);
    with_kernels(x.scalar_type(), static_cast<WinogradTile>(context->saved_data["tile"].toInt()),
                 [&](const auto& kernels) {
                   if (context->needs_input_grad(0)) {
                     const WinogradShape shape = shape_of(dy, x.size(1), 2 - padding);
                     dx = run(kernels, shape, dy, {}, transformed_weights(kernels, shape, w, true), {}, false);
                   }
                   if (context->needs_input_grad(1))
                     dw = weight_gradient(kernels, shape_of(x, w.size(0), padding), x, dy);
                 });
    if (context->saved_data["bias"].toBool() && context->needs_input_grad(2))
      db = dy.sum({0, 2, 3}, /*keepdim=*/false, at::kFloat);
    return {dx, dw, db, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

class FrozenConvolution : public torch::autograd::Function<FrozenConvolution> {
 public:
  static at::Tensor forward(torch::autograd::AutogradContext* context, const at::Tensor& input,
                            const at::Tensor& transformed, const at::Tensor& backward,
                            const std::optional<at::Tensor>& bias, std::int64_t out, std::int64_t tile, bool relu) {
    const at::Tensor x = channels_last(input);
    const at::Tensor y = with_kernels(x.scalar_type(), static_cast<WinogradTile>(tile), [&](const auto& kernels) {
      return run(kernels, shape_of(x, out, 1), x, {}, transformed, bias.value_or(at::Tensor()), relu);
    });
    context->save_for_backward({backward, relu ? y : at::Tensor()});
    context->saved_data["in"] = x.size(1);
    context->saved_data["tile"] = tile;
    return y;
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context,
                                                 const torch::autograd::variable_list& gradients) {
    const auto saved = context->get_saved_variables();
    const at::Tensor dy = channels_last(gradients[0]);
    const at::Tensor dx = with_kernels(
        dy.scalar_type(), static_cast<WinogradTile>(context->saved_data["tile"].toInt()), [&](const auto& kernels) {
          return run(kernels, shape_of(dy, context->saved_data["in"].toInt(), 1), dy, saved[1], saved[0], {}, false);
        });
    return {dx, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

bool takes_winograd(const at::Tensor& x, const at::Tensor& weight) {
  return (x.scalar_type() == at::kFloat || x.scalar_type() == at::kBFloat16) && weight.scalar_type() == at::kFloat &&
         x.is_cpu() && weight.size(2) == 3 && weight.size(3) == 3 && weight.size(0) % 16 == 0 &&
         weight.size(1) % 16 == 0 && winograd_kernels<float>(2);
}

at::Tensor winograd_convolution(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias,
                                WinogradTile tile, std::int64_t padding, bool relu) {
  return WinogradConvolution::apply(x, weight, given(bias), static_cast<std::int64_t>(tile), padding, relu);
}

FrozenWinograd::FrozenWinograd(const at::Tensor& weight, WinogradTile tile) : out_(weight.size(0)), tile_(tile) {
  const WinogradKernels<float>& kernels = kernels_of<float>(tile);
  const at::Tensor w = weight.contiguous();
  forward_ = transformed_weights(kernels, {.in = w.size(1), .out = w.size(0)}, w, false);
  backward_ = transformed_weights(kernels, {.in = w.size(0), .out = w.size(1)}, w, true);
}

at::Tensor winograd_convolution(const at::Tensor& x, const FrozenWinograd& weight, const at::Tensor& bias, bool relu) {
  return FrozenConvolution::apply(x, weight.forward(), weight.backward(), given(bias), weight.out(),
                                  static_cast<std::int64_t>(weight.tile()), relu);
}

}  // namespace atelier
