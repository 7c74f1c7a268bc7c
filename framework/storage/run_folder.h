#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>

namespace atelier {

/// How a run ended.
struct RunResult {
  std::string state = "finished";  ///< "finished", "pruned" or "failed".
  std::string reason;              ///< Why, unless it finished.
  std::int64_t steps = 0;          ///< Updates done.
  double seconds = 0;              ///< Time spent, over all its sessions.
  std::map<std::string, double> values;  ///< Final measures by dotted name, for instance "eval.content".
};

/// The places of a run's files; see docs/files.md for what each holds.
class RunFolder {
 public:
  explicit RunFolder(std::filesystem::path path) : path_(std::move(path)) {}

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path spec() const { return path_ / "spec.toml"; }
  std::filesystem::path provenance() const { return path_ / "provenance.toml"; }
  std::filesystem::path metrics() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path log() const { return path_ / "log.txt"; }
  std::filesystem::path result() const { return path_ / "result.toml"; }
  std::filesystem::path input_samples() const { return path_ / "samples" / "input"; }
  std::filesystem::path samples(std::int64_t step) const { return path_ / "samples" / step_name(step); }
  std::filesystem::path checkpoints() const { return path_ / "checkpoints"; }
  std::filesystem::path checkpoint(std::int64_t step) const { return checkpoints() / step_name(step); }

  /// Eight digits, so that names sort as numbers.
  static std::string step_name(std::int64_t step);

  /// The newest complete checkpoint's step; none when there is none.
  std::optional<std::int64_t> newest_checkpoint() const;
  /// Removes all but the newest `keep` checkpoints.
  void remove_old_checkpoints(std::int64_t keep) const;

  /// None when the run has not ended. Throws `Error` for a file that is not ours.
  std::optional<RunResult> read_result() const;
  void write_result(const RunResult& result) const;

 private:
  std::filesystem::path path_;
};

}  // namespace atelier
