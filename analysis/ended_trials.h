#pragma once

#include <cstdint>
#include <filesystem>
#include <map>

#include "analysis/run_reader.h"

namespace atelier {

/// The trials of a sweep that have ended, as its workers' journals tell: a few files instead of three in each trial's
/// folder, so that a sweep of ten thousand is looked at within a second. Records hold no curves, spec or provenance. A
/// trial that was begun again since is not among them. Whether its folder is still there is for the caller to see.
std::map<std::int64_t, RunRecord> ended_trials(const std::filesystem::path& sweep);

}  // namespace atelier
