#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace atelier {

/// The keys of a line of `metrics.jsonl` that say when it was recorded. No measure has such a name.
namespace record_key {
inline constexpr const char* step = "step";    ///< Updates done, or what else the run counts.
inline constexpr const char* epoch = "epoch";  ///< Passes over the data, not always whole.
inline constexpr const char* time = "time";    ///< Seconds since the run began, of all its sessions.
inline constexpr const char* phase = "phase";  ///< The part of the run, for instance "pretrain"; a text.
inline constexpr const char* from = "from";    ///< Where a program's record was read: file and place behind its line.
}  // namespace record_key

/// Whether a key of a record says when it was recorded, and is not the name of a measure.
constexpr bool is_reserved(std::string_view key) {
  for (const std::string_view reserved :
       {record_key::step, record_key::epoch, record_key::time, record_key::phase, record_key::from}) {
    if (key == reserved) return true;
  }
  return false;
}

/// One line of `metrics.jsonl`. What the line does not say is NaN.
struct MetricRecord {
  double step = std::numeric_limits<double>::quiet_NaN();
  double epoch = std::numeric_limits<double>::quiet_NaN();
  double time = std::numeric_limits<double>::quiet_NaN();
  std::vector<std::pair<std::string, double>> measures{};  ///< In the order of the line; may be NaN or infinite.
};

/// Calls `use` with every complete record of the file, in order, and returns how many lines were none. A sweep of a
/// thousand runs has a hundred megabytes of them, so flat lines, as Atelier writes them, are read without building a
/// tree. A missing file has no records. Throws `Error` when the file cannot be read.
std::size_t read_metric_records(const std::filesystem::path& file, const std::function<void(const MetricRecord&)>& use);

}  // namespace atelier
