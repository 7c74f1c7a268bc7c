#include "experiments/photo_to_anime/training.h"
#include "experiments/training_kind.h"

namespace atelier {

std::vector<TrainingKind> known_training_kinds() { return {{"photo-to-anime", photo_to_anime_trainings()}}; }

}  // namespace atelier
