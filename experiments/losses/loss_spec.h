#pragma once

#include <string>
#include <string_view>

#include "experiments/losses/losses.def"  // the headers of all terms
#include "framework/config/catalog.h"

namespace atelier {

/// A row of `adversarial.def`, before libtorch's boundary.
struct AdversarialEntry {
  std::string_view name, summary;
  bool has_penalty;  ///< A penalty on the discriminator's gradient, which needs second derivatives.
};
const Catalog<AdversarialEntry>& adversarial_kinds();

/// The table `[loss.adversarial]` of a spec.
struct AdversarialSpec {
  std::string kind = "bce";
  double weight = 1;    ///< In the generator's loss. The term is computed with any weight.
  double penalty = 10;  ///< Weight of the gradient penalty, where the kind has one.

  bool penalizes() const { return adversarial_kinds().at(kind).has_penalty && penalty > 0; }
};

/// The table `[loss]` of a spec: the terms of both networks' losses. Values are recorded before weights are applied.
struct LossSpec {
  AdversarialSpec adversarial;
#define ATELIER_LOSS(name, Type) Type name;
#include "experiments/losses/losses.def"
#undef ATELIER_LOSS
};

void describe(Fields& fields, LossSpec& loss);

/// Checks what single keys cannot say. Throws `UsageError` with the place in `document`. `layout`: the feature network.
void check(const LossSpec& loss, const NetworkLayout& layout, const Document& document);

/// Whether a term is part of a training. That is decided when the training begins; how much it counts is an input of
/// each step.
template <class Term>
bool exists(const Term& term) {
  return term.weight > 0;
}

template <class Term>
LossNeeds needs_of(const Term& term) {
  if constexpr (requires { term.needs(); }) {
    return term.needs();
  } else {
    return {};
  }
}

/// Calls `visit(name, term)` for all terms but the adversarial one, in the order of `losses.def`.
template <class Loss, class Visit>
void each_term(Loss& loss, Visit visit) {
#define ATELIER_LOSS(name, Type) visit(std::string_view(#name), loss.name);
#include "experiments/losses/losses.def"
#undef ATELIER_LOSS
}

/// The name of the first term that exists and needs smoothed copies of the anime; empty: none.
std::string_view term_that_needs_smoothed(const LossSpec& loss);

/// The key of the first term that exists and compares features at this layer; empty: none.
std::string key_that_uses(const LossSpec& loss, std::string_view layer);

}  // namespace atelier
