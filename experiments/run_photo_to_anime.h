#pragma once

#include "experiments/photo_to_anime_data.h"
#include "experiments/run.h"

namespace atelier {

/// Trains a photo-to-anime experiment in a prepared run folder, from its newest checkpoint, and writes everything but
/// its `result.toml`. Collective over `ranks`. Throws `UsageError`, `Error`, and `Interrupted` after a signal.
RunResult run_photo_to_anime(const ExperimentSpec& spec, const PhotoToAnimeData& data, const RunFolder& folder,
                             const RunContext& context, Communicator& ranks);

/// Everything that can be wrong with a spec's data, weights and number of ranks, before anything is made. Throws
/// `UsageError`.
void check_photo_to_anime(const PhotoToAnimeSpec& spec, const PhotoToAnimeData& data, const Communicator& ranks);

/// Makes this process use its share of the machine's processors, unless OMP_NUM_THREADS says otherwise.
void share_processors(const Communicator& ranks);

}  // namespace atelier
