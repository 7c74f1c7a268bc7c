#pragma once

#include <vector>

#include "framework/records/measure.h"

namespace atelier {

/// What an `Evaluator` measures, in the order in which a table shows it; `eval.truth` only where the validation photos
/// carry their true pictures.
std::vector<Measure> evaluation_measures();

}  // namespace atelier
