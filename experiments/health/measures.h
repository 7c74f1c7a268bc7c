#pragma once

#include <vector>

#include "experiments/photo_to_anime/spec.h"
#include "framework/records/measure.h"

namespace atelier {

/// What shows how a training is, with the limits of `spec`. `FailureMonitor` judges by its failure modes.
std::vector<Measure> health_measures(const HealthSpec& spec = {});

}  // namespace atelier
