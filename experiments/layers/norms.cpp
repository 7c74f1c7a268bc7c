#include "experiments/layers/norms.h"

namespace atelier {

const Catalog<NormEntry>& norms() {
  static constexpr NormEntry entries[] = {
#define ATELIER_NORM(name, make, parameters, multiply_adds, kept, mixes, summary) \
  {name,                                                                          \
   summary,                                                                       \
   []([[maybe_unused]] std::int64_t C) -> std::int64_t { return parameters; },    \
   []([[maybe_unused]] std::int64_t C) -> std::int64_t { return multiply_adds; }, \
   kept,                                                                          \
   mixes},
#include "experiments/layers/norms.def"
#undef ATELIER_NORM
  };
  static constexpr Catalog<NormEntry> catalog("norm", entries);
  return catalog;
}

}  // namespace atelier
