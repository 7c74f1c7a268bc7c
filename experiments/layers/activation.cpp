#include "experiments/layers/activation.h"

namespace atelier {

const Catalog<ActivationEntry>& activations() {
  static constexpr ActivationEntry entries[] = {
#define ATELIER_ACTIVATION(name, enumerator, summary) {name, summary, Activation::enumerator},
#include "experiments/layers/activations.def"
#undef ATELIER_ACTIVATION
  };
  static constexpr Catalog<ActivationEntry> catalog("activation", entries);
  return catalog;
}

}  // namespace atelier
