#pragma once

#include <cstddef>

#include "analysis/comparison.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// How much a report holds.
struct ReportLimits {
  std::size_t points = 500;                ///< Of a curve; more are thinned, extremes kept.
  std::size_t all_points = 1'000'000;      ///< Of all curves together; curves get coarser when there are many.
  std::size_t picture_bytes = 24'000'000;  ///< Of all picture files together; better trials and later steps come first.
  std::size_t sample_steps = 9;            ///< Of one trial, evenly chosen, the first and the last among them.
  std::size_t photos = 8;                  ///< Validation photos.
};

/// Everything the page shows, as one JSON object. The page only draws: what is said in words and which trial is best
/// is decided here.
Json report_data(const Comparison& comparison, const ReportLimits& limits);

}  // namespace atelier
