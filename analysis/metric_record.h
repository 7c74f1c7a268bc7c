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

/// One line of `metrics.jsonl`.
struct MetricRecord {
  double step = std::numeric_limits<double>::quiet_NaN();  ///< NaN where the record does not say.
  double time = std::numeric_limits<double>::quiet_NaN();  ///< Seconds since the run began; NaN likewise.
  std::vector<std::pair<std::string, double>> measures;    ///< In the order of the line; may be NaN or infinite.
};

/// Calls `use` with every complete record of the file, in order, and returns how many lines were none. A sweep of a
/// thousand runs has a hundred megabytes of them, so flat lines, as Atelier writes them, are read without building a tree.
/// A missing file has no records. Throws `Error` when the file cannot be read.
std::size_t read_metric_records(const std::filesystem::path& file, const std::function<void(const MetricRecord&)>& use);

}  // namespace atelier
