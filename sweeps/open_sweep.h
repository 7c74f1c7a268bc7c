#pragma once

#include <filesystem>
#include <string>

#include "framework/records/sweep_folder.h"
#include "sweeps/search_space.h"
#include "sweeps/sweep_spec.h"

namespace atelier {

/// Makes a sweep's folder, or joins it when it holds the same sweep. What may differ: more trials, another sampler,
/// other ranges of the same parameters, pruning, ranks, retries. Any number of processes may call it at once.
/// `experiment` is the complete experiment as TOML; empty for a command. Throws `UsageError` naming what differs when
/// the folder holds another sweep, and `StorageError` when it cannot be written.
SweepFolder open_sweep(const std::filesystem::path& path, const SweepSpec& spec, const SearchSpace& space,
                       const std::string& experiment);

}  // namespace atelier
