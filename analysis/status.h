#pragma once

#include <string>

#include "analysis/comparison.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// `{"name", "counts": {STATE: N}, "best": [...], "trials": [{"number", "state", "parameters", "values", "reason"}]}`.
/// `best` holds the best trials in the same form, one for one objective and the Pareto front for several; it is empty
/// while none has finished. The number of a run that belongs to no sweep is null. Also `workers` (who works on which
/// trial since when), `trials_per_hour` of the last trials that ended, and `seconds_left`; null where nothing is known.
Json status_json(const Comparison& comparison);

/// The same for a person: counts, pace, who works, what is best, and a line for each trial. Of more than `most` trials
/// only those are listed that run, have failed or are the best, and how many are left out.
std::string status_table(const Comparison& comparison, std::size_t most = 60);

}  // namespace atelier
