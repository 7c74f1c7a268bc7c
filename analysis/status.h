#pragma once

#include <string>

#include "analysis/comparison.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// `{"name", "counts": {STATE: N}, "best": [...], "trials": [{"number", "state", "parameters", "values", "reason"}]}`.
/// `best` holds the best trials in the same form, one for one objective and the Pareto front for several; it is empty
/// while none has finished. The number of a run that belongs to no sweep is null.
Json status_json(const Comparison& comparison);

/// The same for a person: counts, what is best, and a line for each trial.
std::string status_table(const Comparison& comparison);

}  // namespace atelier
