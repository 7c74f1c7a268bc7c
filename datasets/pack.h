#pragma once

#include <filesystem>

#include "datasets/recipe.h"
#include "framework/distributed/communicator.h"

namespace atelier {

struct PackOptions {
  unsigned threads = 0;  ///< Of this rank; 0: this machine's cores, shared among its ranks.
};

/// Makes the data sets of a recipe as OUT/NAME/{train-00000-of-00001.h5, val-..., dataset.toml}. All ranks call it;
/// they share the shards. The bytes are the same for any number of ranks and threads.
///
/// A set that was made from the same recipe and the same files is left as it is; another one is built aside and
/// replaces it when it is complete. Throws on every rank alike: `UsageError` when OUT/NAME holds something else,
/// `Error` naming the picture that is damaged or too small, `Interrupted` after a stop signal.
void pack(const Recipe& recipe, const std::filesystem::path& out, Communicator& communicator,
          const PackOptions& options = {});

}  // namespace atelier
