#pragma once

#include <vector>

#include "framework/records/measure.h"

namespace atelier {

/// The losses of both networks, raw; those of a `total` have their weights in them.
std::vector<Measure> loss_measures();

}  // namespace atelier
