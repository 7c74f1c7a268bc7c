#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "framework/records/run_folder.h"

namespace atelier {

// What attempts at a trial leave behind when they fail. All but `leave_failure_of_rank` are for who has the trial's
// claim; attempts are told apart by the generation of theirs.

/// Moves all that an attempt wrote into the trial's `failed-NNNNNN/`, except its checkpoints, which are removed. A kill
/// on the way leaves a mark there for `finish_setting_aside`. Throws `StorageError`.
void set_attempt_aside(const RunFolder& trial, std::int64_t generation);

/// Ends what a kill interrupted; returns whether there was anything. Throws `StorageError`.
bool finish_setting_aside(const RunFolder& trial);

/// The generation of the newest attempt that was set aside; 0 when none was.
std::int64_t newest_failure(const RunFolder& trial);

/// Notes why a rank that does not lead failed, when its leader cannot know. Throws `StorageError`.
void leave_failure_of_rank(const RunFolder& trial, std::int64_t generation, const std::string& reason);

/// A failed result with what a rank of the last attempt noted; none when the leader has told of that attempt itself.
std::optional<RunResult> failure_left_by_rank(const RunFolder& trial);

}  // namespace atelier
