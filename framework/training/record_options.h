#pragma once

#include <cstdint>
#include <string>

#include "framework/config/fields.h"

namespace atelier {

/// What a training writes how often, in steps; 0 means only at the end.
struct RecordOptions {
  std::int64_t metrics_every = 50;
  std::int64_t samples_every = 0;
  std::int64_t checkpoint_every = 500;
  std::int64_t evaluate_every = 0;
  std::int64_t samples = 6;  ///< How many validation samples are shown.
  std::int64_t keep = 2;     ///< Checkpoints kept, the newest; the best is kept besides.
  std::string best;  ///< The measure by which the best checkpoint is kept, for instance "eval.kid"; empty: none is.
  bool tensorboard = true;  ///< Also write records and samples as TensorBoard's events.
};

/// The table `record`, which is all bookkeeping.
void describe(Fields& fields, RecordOptions& options);

}  // namespace atelier
