#include "sweeps/failed_attempts.h"

#include <algorithm>
#include <cstdlib>
#include <string_view>
#include <vector>

#include "framework/config/document.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "framework/storage/claim.h"

namespace atelier {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view set_aside_prefix = "failed-", of_rank_prefix = "rank-failure-";
/// In the folder of a failed attempt: not all that it wrote has been moved there.
constexpr const char* unfinished = "unfinished";

/// The files and folders of a trial whose names begin so.
std::vector<fs::path> named(const RunFolder& trial, std::string_view prefix) {
  std::vector<fs::path> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(trial.path(), problem)) {
    if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  }
  return found;
}

std::int64_t generation_of(const fs::path& path, std::string_view prefix) {
  return std::atoll(path.filename().string().c_str() + prefix.size());
}

bool stays(const RunFolder& trial, const std::string& name) {
  // Names with a dot are somebody's of this moment.
  return Claim::is_claim_file(name) || name.starts_with(set_aside_prefix) || name.starts_with(".") ||
         name == trial.trial().filename() || name == trial.attempts().filename();
}

void move_into(const RunFolder& trial, const fs::path& aside) {
  std::error_code ignored;
  // Whole, so that no part of a checkpoint is gone on from.
  fs::rename(trial.checkpoints(), aside / "checkpoints", ignored);
  std::vector<fs::path> moved;
  for (const auto& entry : fs::directory_iterator(trial.path())) {
    if (!stays(trial, entry.path().filename().string()) && entry.path() != trial.result())
      moved.push_back(entry.path());
  }
  moved.push_back(trial.result());  // last: until then the trial has ended
  for (const fs::path& path : moved) {
    std::error_code problem;
    fs::rename(path, aside / path.filename(), problem);
    if (problem && problem != std::errc::no_such_file_or_directory) {
      throw StorageError(format("cannot move {} to {}: {}", path.string(), aside.string(), problem.message()));
    }
  }
  fs::remove_all(aside / "checkpoints", ignored);
  fs::remove(aside / unfinished, ignored);
}

}  // namespace

void set_attempt_aside(const RunFolder& trial, std::int64_t generation) {
  const fs::path aside = trial.path() / format("{}{:06}", set_aside_prefix, generation);
  make_folder(aside);
  write_file(aside / unfinished, "");
  move_into(trial, aside);
}

bool finish_setting_aside(const RunFolder& trial) {
  bool found = false;
  for (const fs::path& aside : named(trial, set_aside_prefix)) {
    std::error_code problem;
    if (!fs::exists(aside / unfinished, problem)) continue;
    move_into(trial, aside);
    found = true;
  }
  return found;
}

std::int64_t newest_failure(const RunFolder& trial) {
  std::int64_t newest = 0;
  for (const fs::path& aside : named(trial, set_aside_prefix))
    newest = std::max(newest, generation_of(aside, set_aside_prefix));
  return newest;
}

void leave_failure_of_rank(const RunFolder& trial, std::int64_t generation, const std::string& reason) {
  write_file(trial.path() / format("{}{:06}.toml", of_rank_prefix, generation),
             format("reason = {}\n", to_toml(Value(reason))));
}

std::optional<RunResult> failure_left_by_rank(const RunFolder& trial) {
  std::optional<RunResult> found;
  const std::int64_t told = newest_failure(trial);
  for (const fs::path& file : named(trial, of_rank_prefix)) {
    if (generation_of(file, of_rank_prefix) <= told) {
      std::error_code ignored;
      fs::remove(file, ignored);
      continue;
    }
    found = RunResult{.state = TrialState::failed, .reason = "another rank failed"};
    try {
      const Document document = Document::from_file(file);
      const Document::Entry* reason = document.find("reason");
      if (reason && reason->value.is_text()) found->reason = reason->value.text();
    } catch (const UsageError&) {
      // Cut off by a crash of the machine: that it failed is known.
    }
  }
  return found;
}

}  // namespace atelier
