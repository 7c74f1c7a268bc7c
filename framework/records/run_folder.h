#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "framework/records/run_result.h"

namespace atelier {

/// The checkpoint of a run that a measure says is the best.
struct BestCheckpoint {
  std::int64_t step = 0;
  std::string measure;   ///< For instance "eval.kid".
  double value = 0;      ///< What was measured at that step.
  bool highest = false;  ///< Whether high values are good.

  bool operator==(const BestCheckpoint&) const = default;
};

/// The places of a run's files; see docs/files.md for what each holds.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path spec() const { return path_ / "spec.toml"; }
  std::filesystem::path trial() const { return path_ / "trial.toml"; }  ///< Of trials of a sweep; see `TrialFile`.
  std::filesystem::path attempts() const { return path_ / "attempts.jsonl"; }  ///< Of trials that failed.
  std::filesystem::path provenance() const { return path_ / "provenance.toml"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path measures() const { return path_ / "measures.toml"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path result() const { return path_ / "result.toml"; }
  std::filesystem::path samples() const { return path_ / "samples"; }
  std::filesystem::path input_samples() const { return samples() / "input"; }
  std::filesystem::path samples(std::int64_t step) const { return samples() / step_name(step); }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path checkpoint(std::int64_t step) const { return checkpoints() / step_name(step); }

  /// Eight digits, so that names sort as numbers.
  static std::string step_name(std::int64_t step);

  /// The newest complete checkpoint's step; none when there is none.
  std::optional<std::int64_t> newest_checkpoint() const;
  /// The newest one before that step.
  std::optional<std::int64_t> checkpoint_before(std::int64_t step) const;
  /// Removes all but the newest `keep` checkpoints and the best one. What is being removed is renamed first, so that a
  /// kill leaves no part of a checkpoint under its name.
  void remove_old_checkpoints(std::int64_t keep) const;
  /// Removes what a kill left half-written among the checkpoints. Only for who holds the run's claim.
  void remove_unfinished_checkpoints() const;

  /// What `checkpoints/best.toml` says; none when there is none. Throws `Error` for a file that is not ours.
  std::optional<BestCheckpoint> best_checkpoint() const;
  /// Complete or not at all; none removes it. Throws `StorageError`.
  void write_best_checkpoint(const std::optional<BestCheckpoint>& best) const;

  /// None when the run has not ended. Throws `Error` for a file that is not ours.
  std::optional<RunResult> read_result() const;
  void write_result(const RunResult& result) const;
  /// The same, unless there is a result already: false then. `flush`: wait until the disk has it; a result that was
  /// quick to get may be lost with the power.
  bool create_result(const RunResult& result, bool flush) const;

 private:
  std::filesystem::path path_;
};

}  // namespace atelier
