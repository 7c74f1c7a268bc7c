#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "framework/config/document.h"

namespace atelier {

/// Which values of a measure are good.
enum class Better { lower, higher, neither, unknown };

/// "lower is better", "neither is better" (of more and less), ...; empty where nobody knows.
std::string_view in_words(Better better);

/// A way in which a run goes wrong, and how a measure shows it.
struct FailureMode {
  std::string name;         ///< For instance "won".
  bool above = false;       ///< The measure shows it above the limit, otherwise below.
  double limit = 0;         ///< What is usual, or what this run's spec says.
  std::string setting{};    ///< The key of a spec that sets the limit; empty: it is fixed.
  bool complement = false;  ///< The limit is 1 minus the setting.
  std::string reason{};     ///< Why a run with it ends, a sentence without its stop; "{}" stands for the limit.
  /// What a report says where most finished trials have it, after "In 2 of 3 finished trials "; empty: nothing.
  std::string of_most{};
  /// What a report says of a trial that it calls best, after "Trial #3 "; "{}" stands for the measure and its value;
  /// empty: nothing.
  std::string of_best{};

  bool holds(double value, double at) const { return above ? value > at : value < at; }  ///< False for NaN.
  bool operator==(const FailureMode&) const = default;
};

/// The text with `what` in place of its "{}".
std::string filled(std::string text, std::string_view what);

/// A value with a meaning of its own, which a plot marks: 0.5 is "guessing".
struct Mark {
  double at = 0;
  std::string label;
  bool operator==(const Mark&) const = default;
};

/// What is known about something that a run records. It is declared once, where the measure is computed, written into
/// the run's folder (`measures.toml`) and read by whoever judges or shows it.
struct Measure {
  std::string name;             ///< "eval.kid"; "lr.*" stands for all that begin with "lr." and have no own entry.
  std::string group = "other";  ///< One of `measure_groups`.
  Better better = Better::unknown;
  std::string read_as{};     ///< How to read it, a few words; empty where the name says it.
  std::string weight{};      ///< The key of the spec by which a loss counts; "*" stands for the last part of the name.
  bool ranks = false;        ///< Runs are ranked by it where no sweep says by what.
  bool shown_first = false;  ///< Among the curves that a report opens with.
  bool exact = false;        ///< No noise: a report does not smooth its curve.
  bool logarithmic = false;  ///< It runs over powers of ten.
  std::vector<Mark> marks{};
  std::vector<FailureMode> failure_modes{};

  bool operator==(const Measure&) const = default;
};

/// A heading under which a report shows curves.
struct MeasureGroup {
  std::string_view name, heading;
};

/// In the order in which a reader wants them: what was asked first, the machine's affairs last.
std::span<const MeasureGroup> measure_groups();

/// The measures of a kind of experiment, of a run, or of several runs side by side.
class Measures {
 public:
  Measures() = default;
  /// Lists one after the other: what comes later replaces what has the same name.
  Measures(std::initializer_list<std::vector<Measure>> lists);

  /// In the order in which they were declared.
  const std::vector<Measure>& all() const { return all_; }
  /// Adds those of `others`, and replaces what has the same name.
  void add(const std::vector<Measure>& others);

  /// What is known about a metric: its own entry, or else that of the longest family it belongs to, under its own
  /// name; otherwise a measure of which only the name is known.
  Measure of(std::string_view metric) const;
  /// The names of those that a run ends with, by which trials compare: of the groups "evaluation" and "other".
  std::vector<std::string_view> results() const;

  /// A table a measure, named after it; `from` reads it back. What later versions add is left out.
  /// Throws `UsageError` with file and line for a value that is no part of a measure.
  std::string to_toml() const;
  static Measures from(const Document& document);

 private:
  std::vector<Measure> all_;
};

}  // namespace atelier
