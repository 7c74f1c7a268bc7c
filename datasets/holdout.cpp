#include "datasets/holdout.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "framework/core/error.h"
#include "framework/core/random.h"
#include "framework/storage/digest.h"

namespace atelier {

std::vector<bool> hold_out(const std::vector<std::string>& groups, double share, std::uint64_t seed) {
  if (share == 0) return std::vector<bool>(groups.size(), false);
  std::map<std::string, std::int64_t> sizes;
  for (const std::string& group : groups) ++sizes[group];
  if (sizes.size() < 2) {
    throw UsageError(
        "one source of pictures cannot be divided into training and validation: add others, or set val = 0");
  }
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [group, size] : sizes) order.emplace_back(CounterRandom(seed, digest(group)).uniform(), group);
  std::sort(order.begin(), order.end());

  const double wanted = share * static_cast<double>(groups.size());
  double taken = 0;
  std::set<std::string> held;
  for (const auto& [key, group] : order) {
    const double with = taken + static_cast<double>(sizes[group]);
    const bool nearer = std::abs(with - wanted) < std::abs(taken - wanted);
    if (held.size() + 1 == sizes.size() || !(nearer || held.empty())) continue;
    held.insert(group);
    taken = with;
  }
  std::vector<bool> result;
  for (const std::string& group : groups) result.push_back(held.count(group) > 0);
  return result;
}

}  // namespace atelier
