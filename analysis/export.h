#pragma once

#include <string>

#include "analysis/comparison.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// One row a trial, for spreadsheets and data frames (RFC 4180, UTF-8, lines end with LF): sweep, trial, state, reason,
/// setting, seed, data (the digest), comparable, feasible, rank (1 is the best; empty without one), then every
/// parameter under its key, every measure under its name, steps, seconds, folder. What a trial does not have is empty;
/// numbers read back exactly; those that are not finite are nan, inf and -inf. A parameter that is called like another
/// column is "parameter.NAME", a measure "measure.NAME".
std::string trials_csv(const Comparison& comparison);

/// Everything that the report's page has, except pictures: curves in full, findings, importance, intervals and ranks (1
/// is the best).
Json report_json(const Comparison& comparison);

}  // namespace atelier
