#include "sweeps/samplers/parzen_estimator.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <numbers>

namespace atelier {
namespace {

// Both forms compute the same bits: "avx2" brings no fused multiplications, and sums have a fixed order.
#define ATELIER_WIDE __attribute__((target_clones("avx2", "default")))

ATELIER_WIDE void add_normal_kernels(float* terms, const float* centres, const float* inverse_widths, std::size_t count,
                                     float x) {
  for (std::size_t i = 0; i < count; ++i) {
    const float z = (x - centres[i]) * inverse_widths[i];
    terms[i] -= z * z;
  }
}

ATELIER_WIDE void add_choice_kernels(float* terms, const float* centres, std::size_t count, float x, float match,
                                     float mismatch) {
  for (std::size_t i = 0; i < count; ++i) terms[i] += centres[i] == x ? match : mismatch;
}

// Eight numbers side by side; the compiler makes of it what the processor has.
using Eight [[gnu::vector_size(32)]] = float;
using EightWhole [[gnu::vector_size(32)]] = std::int32_t;

ATELIER_WIDE float largest(const float* terms, std::size_t count) {
  Eight most;
  for (int k = 0; k < 8; ++k) most[k] = -std::numeric_limits<float>::infinity();
  std::size_t i = 0;
  for (; i + 8 <= count; i += 8) {
    Eight next;
    std::memcpy(&next, terms + i, sizeof(next));
    most = next > most ? next : most;
  }
  for (; i < count; ++i) most[0] = std::max(most[0], terms[i]);
  float all = most[0];
  for (int k = 1; k < 8; ++k) all = std::max(all, most[k]);
  return all;
}

/// The sum of exp(terms - less), no term being above `less`, to six digits.
ATELIER_WIDE float sum_of_exp(const float* terms, std::size_t count, float less) {
  Eight sums = {};
  for (std::size_t i = 0; i < count; i += 8) {
    Eight x;
    if (i + 8 <= count) {
      std::memcpy(&x, terms + i, sizeof(x));
    } else {
      for (std::size_t k = 0; k < 8; ++k) x[k] = i + k < count ? terms[i + k] : -std::numeric_limits<float>::infinity();
    }
    // e^x = 2^t: the whole part of t goes into the bits of the exponent, the rest into a polynomial. What is below
    // e^-87 counts as e^-87, which is nothing beside the largest term, 1.
    Eight t = (x - less) * std::numbers::log2e_v<float>;
    t = t > -125.0f ? t : Eight{} - 125.0f;
    const Eight shifted = t + 12582912.0f;  // 1.5 * 2^23: the whole part moves to the lowest bits
    const Eight r = (t - (shifted - 12582912.0f)) * std::numbers::ln2_v<float>;
    const Eight p =
        1 + r * (1 + r * (1.0f / 2 + r * (1.0f / 6 + r * (1.0f / 24 + r * (1.0f / 120 + r * (1.0f / 720))))));
    sums += reinterpret_cast<Eight>(reinterpret_cast<EightWhole>(p) +
                                    (reinterpret_cast<EightWhole>(shifted) << 23));  // the same bits
  }
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
}

/// The distribution function of the standard normal distribution for z >= 0, to six digits: it is asked for twice a
/// kernel.
class NormalTable {
 public:
  NormalTable() {
    for (std::size_t i = 0; i < values_.size(); ++i)
      values_[i] = 1 - 0.5 * std::erfc(static_cast<double>(i) / per_unit / std::numbers::sqrt2);
  }
  double operator()(double z) const {
    const double place = z * per_unit;
    if (place >= static_cast<double>(values_.size() - 1)) return 1;
    const auto i = static_cast<std::size_t>(place);
    return values_[i] + (place - static_cast<double>(i)) * (values_[i + 1] - values_[i]);
  }

 private:
  static constexpr double per_unit = 256;
  std::array<double, 6 * 256> values_;
};

const NormalTable& normal_table() {
  static const NormalTable table;
  return table;
}

}  // namespace

ParzenEstimator::ParzenEstimator(std::vector<Axis> axes, std::vector<std::vector<float>> centres,
                                 const std::vector<std::vector<int>>& by_axis, std::vector<double> weights,
                                 const Options& options)
    : axes_(std::move(axes)),
      centres_(std::move(centres)),
      inverse_widths_(axes_.size()),
      match_(axes_.size()),
      mismatch_(axes_.size()) {
  const std::size_t count = weights.size();
  const auto points = static_cast<double>(count);
  double total = 0;
  for (const double weight : weights) total += weight;
  const double even = count > 0 ? options.even_weight * total / points : 1;
  total += even;
  double so_far = 0;
  for (const double weight : weights) cumulative_.push_back(so_far += weight / total);
  cumulative_.push_back(1);
  log_even_ = std::log(even / total);

  const NormalTable& normal = normal_table();
  std::vector<double> scale(count);  // of each kernel: its weight over its normalisers
  for (std::size_t i = 0; i < count; ++i) scale[i] = weights[i] / total;
  std::vector<double> log_scale(count, 0.0);
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    const Axis& axis = axes_[a];
    if (!axis.ordered) {
      const auto choices = static_cast<double>(axis.cells);
      const double others = options.other_choices * choices / (points + 1);
      match_[a] = static_cast<float>(std::log((choices + others) / (1 + others)));
      mismatch_[a] = static_cast<float>(std::log(others / (1 + others)));
      continue;
    }
    double least = std::max(options.least_width, options.width_factor / (points + 2));
    // Half a cell: below that a kernel no longer sees its neighbours, and its sum over the cells is no longer its
    // integral.
    if (axis.cells > 0) least = std::max(least, 0.5 / static_cast<double>(axis.cells));
    least = std::min(least, 1.0);
    const std::vector<float>& centre = centres_[a];
    const std::vector<int>& order = by_axis[a];
    inverse_widths_[a].resize(count);
    for (std::size_t k = 0; k < count; ++k) {
      const auto i = static_cast<std::size_t>(order[k]);
      const double mu = centre[i];
      // The ends of the axis are neighbours only of a point that has no other.
      const double left = k > 0 ? mu - centre[static_cast<std::size_t>(order[k - 1])] : count > 1 ? 0 : mu;
      const double right = k + 1 < count ? centre[static_cast<std::size_t>(order[k + 1])] - mu : count > 1 ? 0 : 1 - mu;
      const double width = std::clamp(std::max(left, right), least, 1.0);
      const double inverse = 1 / width;
      inverse_widths_[a][i] = static_cast<float>(inverse / std::numbers::sqrt2);
      const double mass = normal(mu * inverse) + normal((1 - mu) * inverse) - 1;
      scale[i] *= inverse / (std::sqrt(2 * std::numbers::pi) * mass);
    }
    // Before the products leave the range of a double.
    if (a % 16 == 15) {
      for (std::size_t i = 0; i < count; ++i) log_scale[i] += std::log(scale[i]), scale[i] = 1;
    }
  }
  log_weights_.resize(count);
  for (std::size_t i = 0; i < count; ++i) log_weights_[i] = static_cast<float>(log_scale[i] + std::log(scale[i]));
  terms_.resize(count);
}

void ParzenEstimator::draw(CounterRandom& random, std::vector<double>& point) const {
  const double u = random.uniform();
  const auto kernel =
      static_cast<std::size_t>(std::upper_bound(cumulative_.begin(), cumulative_.end() - 1, u) - cumulative_.begin());
  const bool even = kernel == log_weights_.size();
  point.resize(axes_.size());
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (even) {
      point[a] = random.uniform();
    } else if (!axes_[a].ordered) {
      // The density of a mismatch is the share of the kernel that is spread over all choices.
      point[a] = random.uniform() < std::exp(mismatch_[a]) ? random.uniform() : centres_[a][kernel];
    } else {
      const double width = 1 / (std::numbers::sqrt2 * inverse_widths_[a][kernel]);
      do {
        point[a] = centres_[a][kernel] + width * random.normal();
      } while (point[a] < 0 || point[a] >= 1);
    }
  }
}

double ParzenEstimator::log_density(const std::vector<float>& point) const {
  const std::size_t count = log_weights_.size();
  std::copy(log_weights_.begin(), log_weights_.end(), terms_.begin());
  for (std::size_t a = 0; a < axes_.size(); ++a) {
    if (axes_[a].ordered) {
      add_normal_kernels(terms_.data(), centres_[a].data(), inverse_widths_[a].data(), count, point[a]);
    } else {
      add_choice_kernels(terms_.data(), centres_[a].data(), count, point[a], match_[a], mismatch_[a]);
    }
  }
  const float most = std::max(static_cast<float>(log_even_), largest(terms_.data(), count));
  return most + std::log(sum_of_exp(terms_.data(), count, most) + std::exp(log_even_ - most));
}

}  // namespace atelier
