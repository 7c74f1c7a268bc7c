#include "analysis/statistics/domination.h"

#include <algorithm>
#include <numeric>

namespace atelier {
namespace {

/// Counts of how often each of some places was seen, and how many were seen up to a place (Fenwick, 1994).
class RunningCounts {
 public:
  explicit RunningCounts(std::size_t places) : sums_(places + 1, 0) {}
  void add(std::size_t place) {
    for (std::size_t i = place + 1; i < sums_.size(); i += i & (~i + 1)) ++sums_[i];
  }
  std::size_t up_to(std::size_t place) const {
    std::size_t sum = 0;
    for (std::size_t i = place + 1; i > 0; i -= i & (~i + 1)) sum += sums_[i];
    return sum;
  }

 private:
  std::vector<std::size_t> sums_;
};

/// Of the pairs up to two objectives: those no worse in both are counted in one sweep, less those that are equal.
std::vector<std::size_t> count_sorted(const std::vector<Scores>& scores) {
  std::vector<std::size_t> order(scores.size()), result(scores.size(), 0);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  std::vector<double> second;
  for (const Scores& score : scores) second.push_back(score.back());
  std::sort(second.begin(), second.end());
  second.erase(std::unique(second.begin(), second.end()), second.end());
  RunningCounts seen(second.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin;
    while (end < order.size() && scores[order[end]] == scores[order[begin]]) ++end;
    const double height = scores[order[begin]].back();
    const auto place =
        static_cast<std::size_t>(std::lower_bound(second.begin(), second.end(), height) - second.begin());
    const std::size_t better = seen.up_to(place);
    for (std::size_t i = begin; i < end; ++i) result[order[i]] = better;
    for (std::size_t i = begin; i < end; ++i) seen.add(place);
    begin = end;
  }
  return result;
}

}  // namespace

std::vector<std::size_t> dominated_by(const std::vector<Scores>& scores) {
  if (scores.empty() || scores.front().size() <= 2) return count_sorted(scores);
  std::vector<std::size_t> result(scores.size(), 0);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    for (const Scores& other : scores) result[i] += dominates(other, scores[i]) ? 1 : 0;
  }
  return result;
}

}  // namespace atelier
