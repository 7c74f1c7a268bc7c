#pragma once

#include <functional>
#include <memory>

#include "experiments/training_kind.h"

namespace atelier {

/// Opens pair translations, for `TrainingKind::open`.
std::unique_ptr<Training> open_pair_translation(const ExperimentSpec& spec);

}  // namespace atelier
