#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "framework/config/document.h"
#include "framework/config/fields.h"
#include "framework/config/value.h"

namespace atelier {

/// One parameter of a search space: a range of numbers or a list of choices.
struct Dimension {
  enum class Kind { uniform, log, integer, choice };
  std::string key;             ///< Dotted key of the experiment, for instance "loss.content.weight".
  Kind kind = Kind::choice;
  double low = 0, high = 0;    ///< Both included. For uniform, log and integer.
  double step = 0;             ///< Distance of allowed values from `low`; 0: any.
  std::vector<Value> choices;  ///< For choice.
  bool real = true;            ///< False when the experiment's key takes whole numbers.
  Location where;              ///< Where the spec says it.

  /// The value at `u` in [0, 1): the whole range is covered evenly on its scale.
  Value at(double u) const;
  /// The values a grid tries: all choices, all steps, or `points` spread over a range.
  std::vector<Value> grid(std::int64_t points) const;

 private:
  Value as_value(double number) const;  ///< Inside the range, rounded where the key takes whole numbers.
};

/// What a sweep varies, checked against the keys of its experiment before anything runs.
class SearchSpace {
 public:
  /// `entries` are those of [space], their paths starting with the parameter's key. Throws `UsageError` for unknown keys,
  /// empty or inverted ranges, logarithms of zero, values the experiment would not take.
  static SearchSpace from(const std::vector<Document::Entry>& entries, const Fields& experiment);

  const std::vector<Dimension>& dimensions() const { return dimensions_; }
  /// As TOML, in one form: the body of a [space] table.
  std::string to_toml() const;

 private:
  std::vector<Dimension> dimensions_;
};

}  // namespace atelier
