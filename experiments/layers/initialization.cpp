#include "experiments/layers/initialization.h"

#include <cmath>
#include <vector>

#include "framework/core/random.h"

namespace atelier {
namespace {

constexpr std::uint64_t initialization_stream = 0x1417;

/// Fills row by row, whatever the tensor's type and memory format.
template <class Draw>
void fill(at::Tensor weight, std::uint64_t seed, std::uint64_t index, Draw draw) {
  CounterRandom random(seed, initialization_stream, index);
  at::Tensor values = at::empty(weight.sizes(), at::kDouble);
  double* data = values.data_ptr<double>();
  for (std::int64_t i = 0; i < values.numel(); ++i) data[i] = draw(random);
  const at::NoGradGuard no_grad;
  weight.copy_(values);
}

}  // namespace

void Initializer::he_normal(at::Tensor weight, std::int64_t fan_in) {
  // The standard deviation of a normal truncated at +-2 is this fraction of the whole one's.
  constexpr double truncated = 0.87962566103423978;
  const double deviation = std::sqrt(2.0 / static_cast<double>(fan_in)) / truncated;
  fill(weight, seed_, drawn_++, [&](CounterRandom& random) {
    double value = random.normal();
    while (std::abs(value) > 2) value = random.normal();
    return value * deviation;
  });
}

void Initializer::glorot_uniform(at::Tensor weight, std::int64_t fan_in, std::int64_t fan_out, double scale) {
  const double limit = scale * std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
  fill(weight, seed_, drawn_++, [&](CounterRandom& random) { return (2 * random.uniform() - 1) * limit; });
}

}  // namespace atelier
