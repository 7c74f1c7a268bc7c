#pragma once

#include <string>
#include <vector>

#include "framework/records/measure.h"

namespace atelier {

/// A measure, and when it says that a run goes wrong.
struct Bound {
  std::string measure;
  FailureMode broken;
};

/// The pruner `threshold` with bounds and a name of its own, which a kind of experiment offers to sweeps. The key
/// `prune.limit` replaces the limit of the first bound, and changes those of the others in proportion.
struct PrunerPreset {
  std::string name, summary;
  std::vector<Bound> bounds;
};

}  // namespace atelier
