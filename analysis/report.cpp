#include "analysis/report.h"

#include "analysis/page.h"
#include "framework/storage/atomic_file.h"

namespace atelier {

Comparison write_report(const std::vector<std::filesystem::path>& folders, const Measures& known,
                        const std::filesystem::path& file, const ReportOptions& options) {
  Comparison comparison = compare(folders, known);
  write_file(file, page(comparison.title, report_data(comparison, options), !options.assets.empty()));
  return comparison;
}

}  // namespace atelier
