#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "framework/config/document.h"
#include "framework/config/fields.h"
#include "framework/config/value.h"
#include "sweeps/trial.h"

namespace atelier {

/// When a parameter counts: another one has one of these values.
struct Condition {
  std::string key;
  std::vector<Value> values;  ///< Numbers compare as numbers: 1 is 1.0.
  Location where;

  bool holds(const Value& value) const;
};

/// One parameter of a search space: a range of numbers or a list of choices.
struct Dimension {
  enum class Kind { uniform, log, integer, choice };
  std::string key;  ///< Dotted key of the experiment, for instance "loss.content.weight".
  Kind kind = Kind::choice;
  double low = 0, high = 0;     ///< Both included. For uniform, log and integer.
  double step = 0;              ///< Distance of allowed values from `low`; 0: any.
  std::vector<Value> choices;   ///< For choice.
  bool real = true;             ///< False when the experiment's key takes whole numbers.
  std::vector<Condition> when;  ///< All must hold, or trials do not have this parameter; empty: always.
  Location where;               ///< Where the spec says it.

  /// Whether its values have an order: everything but choices.
  bool ordered() const { return kind != Kind::choice; }
  /// How many different values there are; 0: a continuous range.
  std::int64_t cells() const;
  /// The value at `u` in [0, 1): the whole range is covered evenly on its scale.
  Value at(double u) const;
  /// The `u` in [0, 1] of a value: `at(position(v))` is v; for one of several values the middle of its cell. Values
  /// outside the range (of a sweep whose range was once wider) are moved to its ends; unknown choices give NaN.
  double position(const Value& value) const;
  /// The values a grid tries: all choices, all steps, or `points` spread over a range.
  std::vector<Value> grid(std::int64_t points) const;

 private:
  Value as_value(double number) const;  ///< Inside the range, rounded where the key takes whole numbers.
};

/// What a sweep varies, checked against the keys of its experiment before anything runs.
class SearchSpace {
 public:
  /// `entries` are those of [space], their paths starting with the parameter's key. Throws `UsageError` for unknown
  /// keys, empty or inverted ranges, logarithms of zero, values the experiment would not take, conditions on what is
  /// not varied or that go in a circle.
  static SearchSpace from(const std::vector<Document::Entry>& entries, const Fields& experiment);
  /// The same for a program of which only the names of its parameters are known.
  static SearchSpace from(const std::vector<Document::Entry>& entries, const std::vector<std::string>& placeholders);

  /// A parameter stands behind those its condition names.
  const std::vector<Dimension>& dimensions() const { return dimensions_; }
  bool conditional() const;

  /// Whether trials with these parameters (of the dimensions before it, at least) have a dimension.
  bool active(const Dimension& dimension, const Parameters& parameters) const;
  /// The parameters at a point of the unit cube, one coordinate a dimension; coordinates of inactive ones do not count.
  Parameters at(std::span<const double> point) const;
  /// How many different trials a grid with `points` values of each continuous range has; at most 2^62.
  std::int64_t grid_size(std::int64_t points) const;
  /// The trial at an index below that, the last parameter changing fastest.
  Parameters grid_at(std::int64_t index, std::int64_t points) const;
  /// How many different trials there are at all; 0: a continuous range makes them endless, or more than 2^62.
  std::int64_t size() const;

  /// As TOML, in one form: the body of a [space] table.
  std::string to_toml() const;

 private:
  struct Keys;  // what may be named, and what it may be
  static SearchSpace read(const std::vector<Document::Entry>& entries, const Keys& keys);
  void order_by_conditions();

  std::vector<Dimension> dimensions_;
};

}  // namespace atelier
