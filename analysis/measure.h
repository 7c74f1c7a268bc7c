#pragma once

#include <string_view>
#include <vector>

namespace atelier {

/// Which values of a measure are good.
enum class Better { lower, higher, neither, unknown };

/// What is known about something that a run records, by its name.
struct Measure {
  std::string_view group;  ///< The name of one of `measure_groups`.
  Better better = Better::unknown;
  std::string_view read_as;  ///< How to read it, a few words; empty where the name says it, or nothing is known.
};

/// A heading under which a report shows curves.
struct MeasureGroup {
  std::string_view name, heading;
};

/// In the order in which a reader wants them: what was asked first, the machine's affairs last.
const std::vector<MeasureGroup>& measure_groups();

/// What "eval.kid", "generator.content", "lr.generator" or a name of somebody else's program is.
Measure measure(std::string_view metric);

/// "lower is better", "neither is better" (of more and less), ...; empty where nobody knows.
std::string_view in_words(Better better);

}  // namespace atelier
