#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "analysis/run_reader.h"
#include "framework/records/objective.h"

namespace atelier {

/// What a sweep's folder says about it.
struct SweepRecord {
  std::filesystem::path folder;
  std::string name;
  Settings spec;  ///< Of the sweep: its `sweep.toml`, flat.
  std::vector<Objective> objectives;
  std::map<std::string, std::string> scales;  ///< "log", "uniform", "int" or "choice" for each key it varies.
  std::int64_t planned = 0;                   ///< Trials that the sweep will have; 0 when the sweep does not say.
  std::vector<RunRecord> trials;              ///< By number.
  std::vector<std::string> problems;
};

/// Reads a sweep folder in whatever state it is; never throws for what is inside it.
SweepRecord read_sweep(const std::filesystem::path& folder, Detail detail = Detail::everything);

/// Whether the folder looks like a sweep: it holds a `sweep.toml` or trials.
bool is_sweep(const std::filesystem::path& folder);

}  // namespace atelier
