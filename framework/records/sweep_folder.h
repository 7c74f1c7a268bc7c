#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "framework/records/run_folder.h"
#include "framework/records/trial_file.h"

namespace atelier {

/// The places of a sweep's files: `sweep.toml`, `experiment.toml` (what all trials start from, complete), `journal/`
/// (what each worker did), `settings/` (with several seeds: what each setting is) and `trials/000012/`, each a run plus
/// `trial.toml` and its claims. Everything a worker needs to join is here.
class SweepFolder {
 public:
  /// Makes and checks nothing.
  explicit SweepFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path spec() const { return path_ / "sweep.toml"; }
  std::filesystem::path experiment() const { return path_ / "experiment.toml"; }
  std::filesystem::path trials() const { return path_ / "trials"; }
  std::filesystem::path journal() const { return path_ / "journal"; }
  RunFolder trial(std::int64_t number) const;
  /// The number a trial's folder name stands for; none for other names.
  static std::optional<std::int64_t> number_of(const std::filesystem::path& folder);

  /// Whether there is a sweep: its `sweep.toml` or trials.
  bool is_there() const;

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
  std::filesystem::path path_;
};

}  // namespace atelier
