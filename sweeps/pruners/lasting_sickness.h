#pragma once

#include <cmath>
#include <cstdint>
#include <span>
#include <string>

#include "sweeps/trial.h"

namespace atelier {

/// For how many of the last reports in a row `sick` held for a measure. Reports that do not hold it, or hold no finite
/// number, leave the count as it is: not every record looks at the health of a training.
template <class Sick>
std::int64_t sick_reports(std::span<const Report> reports, const std::string& measure, const Sick& sick) {
  std::int64_t count = 0;
  for (auto report = reports.rbegin(); report != reports.rend(); ++report) {
    const auto found = report->measures.find(measure);
    if (found == report->measures.end() || !std::isfinite(found->second)) continue;
    if (!sick(found->second)) break;
    ++count;
  }
  return count;
}

}  // namespace atelier
