#pragma once

#include <functional>
#include <memory>

#include "experiments/training_kind.h"

namespace atelier {

/// Opens photo-to-anime experiments, for `TrainingKind::open`.
std::function<std::unique_ptr<Training>(const ExperimentSpec&)> photo_to_anime_trainings();

}  // namespace atelier
