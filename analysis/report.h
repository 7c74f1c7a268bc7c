#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/comparison.h"
#include "analysis/report_data.h"

namespace atelier {

/// Compares runs and sweeps in one HTML file (and a folder of pictures, when `options` name one) that opens without a
/// network, and returns what was compared. `known`: as for `compare`.
/// Throws `UsageError` for a folder that is neither run nor sweep, `Error` when the file cannot be written; readers of
/// an older report at that place see the old one until the new one is whole.
Comparison write_report(const std::vector<std::filesystem::path>& folders, const Measures& known,
                        const std::filesystem::path& file, const ReportOptions& options = {});

}  // namespace atelier
