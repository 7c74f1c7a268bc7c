#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "framework/storage/run_folder.h"
#include "sweeps/search_space.h"
#include "sweeps/sweep_spec.h"
#include "sweeps/trial.h"

namespace atelier {

/// What a trial's `trial.toml` says; it is written once and never changed.
struct TrialFile {
  std::string
      identity;  ///< Hexadecimal digest of all that can change the result; empty for parameters that do not fit.
  Parameters parameters;  ///< Of its setting.
  std::int64_t setting = 0;
  std::optional<std::int64_t> seed;    ///< Where each setting is run with several.
  std::optional<std::int64_t> parent;  ///< The trial whose checkpoint it begins from.
  bool asked_for = false;              ///< By a person, not chosen by the sampler.
};

/// A sweep on disk: `sweep.toml`, `experiment.toml` (what all trials start from, complete), `journal/` (what each
/// worker did), `settings/` (with several seeds: what each setting is) and `trials/000012/`, each a run plus
/// `trial.toml` and its claims. Everything a worker needs to join is here.
class SweepFolder {
 public:
  /// Makes the folder, or joins it when it holds the same sweep. What may differ: more trials, another sampler, other
  /// ranges of the same parameters, pruning, ranks, retries. Any number of processes may call it at once. `experiment`
  /// is the complete experiment as TOML; empty for a command. Throws `UsageError` naming what differs when the folder
  /// holds another sweep, and `StorageError` when it cannot be written.
  SweepFolder(std::filesystem::path path, const SweepSpec& spec, const SearchSpace& space,
              const std::string& experiment);

  /// The folder as it is, whether it is there or not; makes and checks nothing.
  static SweepFolder look(std::filesystem::path path) { return SweepFolder(std::move(path)); }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path trials() const { return path_ / "trials"; }
  std::filesystem::path journal() const { return path_ / "journal"; }
  RunFolder trial(std::int64_t number) const;
  /// The number a trial's folder name stands for; none for other names.
  static std::optional<std::int64_t> number_of(const std::filesystem::path& folder);

  /// None when there is none, or a crash of the machine has emptied it. Throws `UsageError` for a file that is not
  /// ours.
  std::optional<TrialFile> read_trial(std::int64_t number) const;
  /// Makes a trial's folder and `trial.toml`, unless that is there; returns what is there then.
  TrialFile create_trial(std::int64_t number, const TrialFile& file) const;

  /// Where a setting is run with several seeds: what the first who began any of them chose. None when nobody has.
  std::optional<TrialFile> read_setting(std::int64_t setting) const;
  /// Writes that down once: what counts is returned, this or what was there. Identity and seed are not part of it.
  TrialFile fix_setting(std::int64_t setting, const TrialFile& file) const;

  /// Gives an identity to one trial for good; returns the trial that has it: this one, or the one that was first.
  std::int64_t register_identity(const std::string& identity, std::int64_t number) const;

 private:
  explicit SweepFolder(std::filesystem::path path) : path_(std::move(path)) {}

  std::filesystem::path path_;
};

}  // namespace atelier
