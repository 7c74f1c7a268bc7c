#include "framework/training/measures.h"

namespace atelier {

std::vector<Measure> training_measures() {
  return {
      {.name = "lr.*", .group = "rates", .exact = true},
      {.name = "memory.peak_mb",
       .group = "machine",
       .better = Better::lower,
       .read_as = "largest memory of rank 0 so far, in 1e6 bytes",
       .exact = true},
      {.name = "memory.*", .group = "machine"},
      {.name = "speed.images_per_second",
       .group = "machine",
       .better = Better::higher,
       .read_as = "photos of all ranks, evaluations and samples not counted"},
      {.name = "speed.step_seconds", .group = "machine", .better = Better::lower, .read_as = "mean of a step"},
      {.name = "speed.*", .group = "machine"},
  };
}

}  // namespace atelier
