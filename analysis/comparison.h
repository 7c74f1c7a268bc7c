#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/run_reader.h"
#include "analysis/sweep_reader.h"

namespace atelier {

/// A setting in which the compared trials differ.
struct Parameter {
  std::string key;
  std::string label;     ///< The shortest end of the key that no other parameter shares: "content.weight".
  bool numeric = false;  ///< Every trial that has it has a number.
  bool logarithmic = false;
};

/// Runs and the trials of sweeps side by side, whatever mixture of folders they come from.
struct Comparison {
  struct Source {
    std::filesystem::path folder;
    std::string name;
    bool is_sweep = false;
    std::int64_t planned = 0;
    std::vector<std::string> problems;
  };
  struct Trial {
    RunRecord run;
    std::size_t source = 0;
    std::string label;                ///< "#12", with the sweep's name before it where there are several.
    std::optional<std::size_t> rank;  ///< 0 is the best; only trials that finished with numbers for every objective.
    bool best = false;                ///< The first by one objective; not dominated by any by several.
  };

  std::string title;
  std::vector<Source> sources;
  std::vector<Trial> trials;          ///< As read: sources in the order given, trials by number.
  std::vector<Objective> objectives;  ///< Empty when nothing comparable was measured.
  std::vector<Parameter> parameters;  ///< Those that vary.

  /// Indices of the ranked trials, best first.
  std::vector<std::size_t> ranking() const;
  std::size_t count(RunState state) const;
};

/// Reads every folder. Throws `UsageError` when one is missing or is neither run nor sweep.
Comparison compare(const std::vector<std::filesystem::path>& folders, Detail detail = Detail::everything);

/// The value of a setting: chosen by the sweep, or else from the run's spec; nothing when it has none.
const Value* setting(const RunRecord& run, const std::string& key);

}  // namespace atelier
