#include "analysis/statistics/rank_bootstrap.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "framework/core/random.h"

namespace atelier {
namespace {

constexpr std::size_t least_freedom = 4;

Scores mean_of(const std::vector<Scores>& seeds) {
  Scores mean(seeds.front().size(), 0);
  for (const Scores& seed : seeds) {
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += seed[k] / static_cast<double>(seeds.size());
  }
  return mean;
}

}  // namespace

std::optional<std::vector<RankRange>> rank_bootstrap(const std::vector<std::vector<Scores>>& measured) {
  std::vector<Scores> means, deviations;
  std::size_t freedom = 0;
  for (const std::vector<Scores>& seeds : measured) {
    means.push_back(mean_of(seeds));
    if (seeds.size() < 2) continue;
    freedom += seeds.size() - 1;
    const double scale = std::sqrt(static_cast<double>(seeds.size()) / static_cast<double>(seeds.size() - 1));
    for (const Scores& seed : seeds) {
      Scores deviation;
      for (std::size_t k = 0; k < seed.size(); ++k) deviation.push_back(scale * (seed[k] - means.back()[k]));
      deviations.push_back(std::move(deviation));
    }
  }
  if (freedom < least_freedom) return std::nullopt;

  // Three objectives and more take time with the square of the settings.
  const std::size_t n = measured.size(), objectives = means.front().size();
  const std::size_t draws = objectives <= 2 ? 500 : std::clamp<std::size_t>(100'000'000 / (n * n), 100, 500);
  std::vector<std::vector<std::size_t>> counts(n, std::vector<std::size_t>(n, 0));  // By setting and rank.
  std::vector<Scores> drawn(n);
  for (std::size_t draw = 0; draw < draws; ++draw) {
    CounterRandom random(0, 0x72616e6b, draw);
    for (std::size_t i = 0; i < n; ++i) {
      drawn[i] = means[i];
      for (std::size_t seed = 0; seed < measured[i].size(); ++seed) {
        const Scores& deviation = deviations[random.below(deviations.size())];
        for (std::size_t k = 0; k < objectives; ++k) {
          drawn[i][k] += deviation[k] / static_cast<double>(measured[i].size());
        }
      }
    }
    const std::vector<std::size_t> places = dominated_by(drawn);
    for (std::size_t i = 0; i < n; ++i) ++counts[i][places[i]];
  }

  std::vector<RankRange> result(n);
  const auto tail =
      static_cast<std::size_t>(0.025 * static_cast<double>(draws));  // Draws that may lie outside on a side.
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t seen = 0;
    result[i].best = static_cast<double>(counts[i][0]) / static_cast<double>(draws);
    for (std::size_t place = 0; place < n; ++place) {
      if (seen <= tail) result[i].low = place + 1;
      if (seen < draws - tail) result[i].high = place + 1;
      seen += counts[i][place];
    }
  }
  return result;
}

}  // namespace atelier
