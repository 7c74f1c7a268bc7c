#pragma once

#include <vector>

#include "framework/records/measure.h"

namespace atelier {

/// What the loop measures of every training: rates, time and memory.
std::vector<Measure> training_measures();

}  // namespace atelier
