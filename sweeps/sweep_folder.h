#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "framework/storage/run_folder.h"
#include "sweeps/search_space.h"
#include "sweeps/sweep_spec.h"
#include "sweeps/trial_runner.h"

namespace atelier {

/// A sweep on disk: `sweep.toml`, `experiment.toml` (what all trials start from, complete) and `trials/000012/`, each a run
/// plus `trial.toml` and its claims. Everything a worker needs to join is here.
class SweepFolder {
 public:
  /// Makes the folder, or joins it when it holds the same sweep; more trials than before are welcome. Any number of
  /// processes may call it at once. `experiment` is the complete experiment as TOML. Throws `UsageError` naming what
  /// differs when the folder holds another sweep, and `Error` when it cannot be written.
  SweepFolder(std::filesystem::path path, const SweepSpec& spec, const SearchSpace& space, const std::string& experiment);

  const std::filesystem::path& path() const { return path_; }
  RunFolder trial(std::int64_t number) const;

  /// How many of the first `trials` trials have a result.
  std::int64_t ended(std::int64_t trials) const;

  /// Makes a trial's folder and `trial.toml`, unless they are there. The same for every worker. Throws `StorageError`
  /// when the trial there has another identity: the data have changed since.
  void prepare_trial(std::int64_t number, const std::string& identity, const Parameters& parameters) const;

 private:
  std::filesystem::path path_;
};

}  // namespace atelier
