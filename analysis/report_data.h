#pragma once

#include <cstddef>
#include <filesystem>

#include "analysis/comparison.h"
#include "framework/storage/json_lines.h"

namespace atelier {

/// What a report holds, and how.
struct ReportOptions {
  std::size_t points = 300;               ///< Of a curve; more are thinned, extremes kept.
  std::size_t all_points = 800'000;       ///< Of all curves together (6 MB); they get coarser when there are many.
  std::size_t picture_bytes = 9'000'000;  ///< Of all pictures inside the page; better trials, later steps come first.
  std::size_t sample_steps = 9;           ///< Of one trial, evenly chosen, the first and the last among them.
  std::size_t photos = 8;                 ///< Validation photos.
  std::filesystem::path assets;           ///< The folder beside the page where pictures go; empty: into the page.
  bool plain = false;                     ///< For other programs: no pictures, all of every curve, all settings of a trial.
  int reload_seconds = 0;                 ///< How often the page reads itself again, while something writes it; 0: never.
};

/// Everything the page shows, as one JSON object. The page only draws: what is said in words and which trial is best
/// is decided here. Throws `Error` when the folder of assets cannot be written to.
Json report_data(const Comparison& comparison, const ReportOptions& options);

}  // namespace atelier
