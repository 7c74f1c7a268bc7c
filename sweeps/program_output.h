#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "framework/records/metric_record.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// The JSON object that a line is, null when it is none. NaN, Infinity and -Infinity, which Python writes and JSON does
/// not know, are read as well.
Json parse_record(std::string_view line);

/// What a program's record says: its step, under the program's own key, its epoch and time, and the measures by dotted
/// name, those of objects inside it too. "nan", "inf" and "-inf" are numbers.
MetricRecord record_in(const Json& record, std::string_view step_key);

/// Text of any program as one line of valid UTF-8: control characters and what is no UTF-8 as \n, \t or \xNN. What is
/// longer than `limit` bytes ends in "...".
std::string one_line(std::string_view text, std::size_t limit);

/// How a program ended that did not end well, from `waitpid`'s status, and the last that it said on standard error
/// behind the place `begin` of that file: "exit code 3: ValueError: ...". Indented lines belong to the one before them.
/// At most 500 bytes.
std::string failure_text(int status, const std::filesystem::path& errors, std::int64_t begin);

}  // namespace atelier
