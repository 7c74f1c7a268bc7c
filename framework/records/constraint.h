#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace atelier {

/// What a sweep demands of a trial before it may be called best: "eval.ssim >= 0.4".
struct Constraint {
  std::string text;  ///< As it was written.
  std::string metric;
  bool at_least = true;  ///< Otherwise at most.
  bool strict = false;   ///< The limit itself does not do.
  double limit = 0;

  /// MEASURE, one of >=, <=, > and <, and a finite number. None when the text is not of that form.
  static std::optional<Constraint> from(std::string_view text);

  std::string_view test() const { return at_least ? strict ? ">" : ">=" : strict ? "<" : "<="; }
  /// By how much a value misses it; 0 or less when it holds; infinite for NaN, which is what was not measured.
  double violation(double value) const;
  bool holds(double value) const { return violation(value) <= 0; }
};

}  // namespace atelier
