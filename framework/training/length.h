#pragma once

#include <cstdint>
#include <string_view>

#include "framework/config/document.h"
#include "framework/config/fields.h"

namespace atelier {

/// How long a part of a training is, said as passes over the data or as steps.
struct Length {
  std::int64_t epochs = 0;
  std::int64_t steps = 0;

  bool none() const { return epochs == 0 && steps == 0; }
  /// Steps, each of which takes `samples_a_step` of `samples`. The last step of a length in epochs may reach beyond it.
  std::int64_t steps_over(std::int64_t samples, std::int64_t samples_a_step) const;
};

/// The keys `epochs` and `steps`. `role`: `Role::length` where a run may be made longer.
void describe(Fields& fields, Length& length, Role role);

/// A length is said in at most one way; in exactly one, unless it `may_be_none`. Throws `UsageError` with the place in
/// `document`. `table` is where its keys are.
void check(const Length& length, std::string_view table, const Document& document, bool may_be_none);

}  // namespace atelier
