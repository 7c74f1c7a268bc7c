#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/run_reader.h"
#include "analysis/sweep_reader.h"
#include "framework/records/constraint.h"
#include "framework/records/measure.h"

namespace atelier {

/// A setting in which the compared trials differ.
struct Parameter {
  std::string key;
  std::string label;     ///< The shortest end of the key that no other parameter shares: "content.weight".
  bool numeric = false;  ///< Every trial that has it has a number.
  bool logarithmic = false;
  std::optional<std::pair<double, double>>
      range;                         ///< From where to where sweeps search it; none where they do not say.
  std::vector<std::string> parents;  ///< Keys of those that decide whether a trial has it at all.
};

/// Runs and the trials of sweeps side by side, whatever mixture of folders they come from.
struct Comparison {
  struct Source {
    std::filesystem::path folder;
    std::string name;
    bool is_sweep = false;
    std::int64_t planned = 0;
    std::vector<std::string> problems;
    std::vector<Constraint> constraints;
    Settings base;  ///< The experiment that the sweep's trials start from; empty for runs and unknown ones.
    /// Whether what was tried may depend on what had been measured. Of such trials the tests that take them for drawn
    /// at random, whatever came out, say nothing.
    bool learned{};
  };
  struct Trial {
    RunRecord run;
    std::size_t source = 0;
    std::string label;        ///< "#12", with the sweep's name before it where there are several.
    std::size_t setting = 0;  ///< Trials that differ in nothing but the seed have one number.
    bool comparable =
        true;              ///< False when it was measured on other data, or in another way, than those that are ranked.
    bool feasible = true;  ///< Holds all constraints of its sweep; known once it ended.
    /// 0 is the best; only comparable trials that finished with every objective. Trials of one setting share theirs.
    std::optional<std::size_t> rank;
    /// The first by one objective; not dominated by any by several. Settings with several seeds compete with their
    /// means and are represented by their first trial. Never one that misses a constraint.
    bool best = false;
  };

  std::string title;
  std::vector<Source> sources;
  std::vector<Trial> trials;          ///< As read: sources in the order given, trials by number.
  std::vector<Objective> objectives;  ///< Empty when nothing comparable was measured.
  std::vector<Parameter> parameters;  ///< Those that vary.
  Measures measures;                  ///< What the runs say about what they record.
  std::string data;                   ///< Digest of the data of those that are ranked; empty when they do not say.

  /// Indices of the ranked trials, best first, those of one setting ascending.
  std::vector<std::size_t> ranking() const;
  std::size_t count(std::optional<TrialState> state) const;  ///< None: those that cannot be read.
  /// The values of all objectives in the form in which smaller is better; empty unless the trial finished, is
  /// comparable and has a finite number for each.
  std::vector<double> scores(const Trial& trial) const;
};

/// Reads every folder. `known`: the measures of runs that do not say theirs, as those of earlier versions do not.
/// Throws `UsageError` when a folder is missing or is neither run nor sweep.
Comparison compare(const std::vector<std::filesystem::path>& folders, const Measures& known,
                   Detail detail = Detail::everything);

/// The value of a setting: chosen by the sweep, or else from the run's spec; nothing when it has none.
const Value* setting(const RunRecord& run, const std::string& key);

/// The same for a parameter: a trial whose sweep chose no value for a conditional one does not have it, whatever its
/// spec fills in.
const Value* setting_of(const RunRecord& run, const Parameter& parameter);

/// Tells runs whose measures do not compare apart: the digest of what they were measured on and how, as the provenance
/// has it; of those that say no more, of their data. Empty when it does not say. Measures compare only where these
/// agree.
std::string measures_digest(const RunRecord& run);

}  // namespace atelier
