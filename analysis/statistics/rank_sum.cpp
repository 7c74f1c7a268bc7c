#include "analysis/statistics/rank_sum.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <numeric>

namespace atelier {
namespace {

constexpr std::size_t most_exact = 60;

/// In how many ways `chosen` of the numbers have each sum.
std::vector<double> ways_to_sum(const std::vector<std::size_t>& numbers, std::size_t chosen) {
  std::vector<std::size_t> largest = numbers;
  std::sort(largest.rbegin(), largest.rend());
  const std::size_t most =
      std::accumulate(largest.begin(), largest.begin() + static_cast<std::ptrdiff_t>(chosen), std::size_t{0});
  std::vector<std::vector<double>> ways(chosen + 1, std::vector<double>(most + 1, 0));
  ways[0][0] = 1;
  for (const std::size_t number : numbers) {
    for (std::size_t count = chosen; count > 0; --count) {
      for (std::size_t sum = most; sum >= number; --sum) ways[count][sum] += ways[count - 1][sum - number];
    }
  }
  return ways[chosen];
}

double normal_tail(double z) { return std::erfc(z / std::numbers::sqrt2) / 2; }

/// The largest c for which U < c has at most this probability, without ties.
std::size_t lower_count(std::size_t m, std::size_t n, double probability) {
  if (m + n > most_exact) {
    const double mean = static_cast<double>(m * n) / 2;
    const double deviation = std::sqrt(static_cast<double>(m * n * (m + n + 1)) / 12);
    double low = 0, high = 40;  // The z whose tail is the probability.
    for (int i = 0; i < 100; ++i) ((normal_tail((low + high) / 2) > probability) ? low : high) = (low + high) / 2;
    return static_cast<std::size_t>(std::max(0.0, std::floor(mean - low * deviation + 0.5)));
  }
  std::vector<std::size_t> places(m + n);
  std::iota(places.begin(), places.end(), std::size_t{1});
  const std::vector<double> ways = ways_to_sum(places, m);
  const double all = std::accumulate(ways.begin(), ways.end(), 0.0);
  double below = 0;
  std::size_t c = 0;
  for (std::size_t sum = m * (m + 1) / 2; sum < ways.size(); ++sum, ++c) {
    below += ways[sum];
    if (below > probability * all) break;
  }
  return c;
}

Interval shift_of(std::span<const double> first, std::span<const double> second, double level) {
  std::vector<double> differences;
  differences.reserve(first.size() * second.size());
  for (const double a : first) {
    for (const double b : second) differences.push_back(a - b);
  }
  // Three places of a long list: no need to sort all of it.
  const auto at = [&](std::size_t place) {
    std::nth_element(differences.begin(), differences.begin() + static_cast<std::ptrdiff_t>(place), differences.end());
    return differences[place];
  };
  const std::size_t c = lower_count(first.size(), second.size(), (1 - level) / 2), all = differences.size();
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  Interval shift{(at((all - 1) / 2) + at(all / 2)) / 2, nan, nan, first.size() + second.size()};
  if (c > 0) {
    shift.low = at(c - 1);
    shift.high = at(all - c);
  }
  return shift;
}

}  // namespace

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> result(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    for (std::size_t i = begin; i < end; ++i) result[order[i]] = static_cast<double>(begin + 1 + end) / 2;
    begin = end;
  }
  return result;
}

double median(std::vector<double> values) {
  if (values.empty()) return std::nan("");
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 ? values[half] : (values[half - 1] + values[half]) / 2;
}

RankSumTest rank_sum_test(std::span<const double> first, std::span<const double> second, double level) {
  std::vector<double> all(first.begin(), first.end());
  all.insert(all.end(), second.begin(), second.end());
  const std::vector<double> places = ranks(all);
  const std::size_t m = first.size(), n = second.size(), total = m + n;
  const double sum = std::accumulate(places.begin(), places.begin() + static_cast<std::ptrdiff_t>(m), 0.0);
  RankSumTest test;
  test.u = sum - static_cast<double>(m * (m + 1)) / 2;
  test.exact = total <= most_exact;
  if (test.exact) {
    std::vector<std::size_t> doubled;  // Mean ranks are halves, so their doubles are whole.
    for (const double place : places) doubled.push_back(static_cast<std::size_t>(std::llround(2 * place)));
    const std::vector<double> ways = ways_to_sum(doubled, m);
    const std::int64_t middle = static_cast<std::int64_t>(m * (total + 1)), seen = std::llround(2 * sum);
    double as_far = 0, every = 0;
    for (std::size_t i = 0; i < ways.size(); ++i) {
      every += ways[i];
      if (std::abs(static_cast<std::int64_t>(i) - middle) >= std::abs(seen - middle)) as_far += ways[i];
    }
    test.p = std::min(1.0, as_far / every);
  } else {
    double ties = 0;
    std::vector<double> sorted = all;
    std::sort(sorted.begin(), sorted.end());
    for (auto begin = sorted.begin(); begin != sorted.end();) {
      const auto end = std::upper_bound(begin, sorted.end(), *begin);
      const auto equal = static_cast<double>(end - begin);
      ties += equal * equal * equal - equal;
      begin = end;
    }
    const auto size = static_cast<double>(total);
    const double variance = static_cast<double>(m * n) / 12 * (size + 1 - ties / (size * (size - 1)));
    const double distance = std::abs(test.u - static_cast<double>(m * n) / 2) - 0.5;
    test.p = variance > 0 ? std::min(1.0, 2 * normal_tail(distance / std::sqrt(variance))) : 1;
  }
  test.shift = shift_of(first, second, level);
  return test;
}

}  // namespace atelier
