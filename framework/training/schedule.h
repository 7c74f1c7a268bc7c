#pragma once

#include <cstdint>

namespace atelier {

/// The learning rate as a function of the step alone, so that nothing has to be kept or restored.
///
/// It grows linearly from 0 over the first `warmup` steps (the first has lr / warmup, the last of them lr), stays at
/// `lr` until `hold` of all steps are done, and then falls, along a line or half a cosine, to `final` times `lr` at the
/// last step.
///
/// Source of the cosine: Loshchilov and Hutter, "SGDR", ICLR 2017, equation 5, without restarts.
struct Schedule {
  enum class Kind { constant, linear, cosine };

  double lr = 1e-4;
  Kind kind = Kind::constant;
  std::int64_t warmup = 0;  ///< Steps.
  double hold = 0;          ///< Part of all steps, 0 to 1, before the rate begins to fall.
  double final = 0;         ///< Part of `lr`, 0 to 1.
  std::int64_t total = 1;   ///< All steps, those of the warm-up among them.

  /// The rate of a step, counted from 0; beyond the last step it stays where it ended.
  double rate(std::int64_t step) const;
};

}  // namespace atelier
