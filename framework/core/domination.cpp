#include "framework/core/domination.h"

namespace atelier {

bool dominates(std::span<const double> a, std::span<const double> b) {
  bool better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (b[i] < a[i]) return false;
    better = better || a[i] < b[i];
  }
  return better;
}

}  // namespace atelier
