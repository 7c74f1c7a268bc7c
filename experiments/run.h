#pragma once

#include <functional>

#include "experiments/spec.h"
#include "framework/records/run_folder.h"
#include "framework/training/run_context.h"

namespace atelier {

/// Prepares a run's folder before any work, on rank 0, and says whether there is work: makes the folder and `spec.toml`
/// for a new run; for an old one checks that the spec is the same, except for a longer training. False when the run has
/// already ended with this spec. Throws `UsageError` naming the keys that differ. `before_change` is called once the
/// folder exists and before anything in it is changed, unless there is no work; it throws when that must not be.
bool prepare_run(
    ExperimentSpec& spec, const RunFolder& folder, const std::function<void()>& before_change = [] {});

/// Writes a run's `spec.toml`: every key, resolved. Of what is quick to run again it does not wait for the disk.
void write_run_spec(ExperimentSpec& spec, const RunFolder& folder);

}  // namespace atelier
