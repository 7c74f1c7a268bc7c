#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/curve.h"
#include "framework/records/trial_file.h"
#include "framework/records/trial_state.h"

namespace atelier {

/// "waiting", "running", ...; "unreadable" for none.
std::string_view to_text(std::optional<TrialState> state);

/// Dotted keys and their values, in the order of the file.
struct Settings {
  Parameters items;

  const Value* find(std::string_view key) const;
  bool empty() const { return items.empty(); }
};

/// The validation photos as the generator saw them at one step.
struct SampleStep {
  std::int64_t step = 0;
  std::map<std::string, std::filesystem::path> pictures;  ///< By name without ending: "00", "01", ...
};

/// What a run's folder says about it. Whatever is missing is empty; whatever is damaged is a sentence in `problems`.
struct RunRecord {
  std::filesystem::path folder;
  std::string name;                                       ///< The spec's, or else the folder's.
  std::optional<TrialState> state = TrialState::running;  ///< None: its folder says nothing that can be understood.
  std::string reason;  ///< Why it failed, was pruned or waits, or that a running one gives no sign of life.

  std::optional<std::int64_t> number;   ///< Only trials of a sweep have one.
  std::optional<std::int64_t> setting;  ///< Trials that differ in their seed alone have the same; the sweep's count.
  std::optional<std::int64_t> seed;     ///< Which of the seeds of its setting.
  std::optional<std::int64_t> parent;   ///< The trial from whose checkpoint it began.
  bool may_have_learned = false;        ///< Whether its parameters may depend on what other trials had measured.
  bool says_whether_learned = false;    ///< Earlier versions did not write that down.
  Settings parameters;                  ///< What the sweep chose for this trial.
  Settings spec;                        ///< Complete, resolved.
  Settings provenance;

  std::map<std::string, double> values;  ///< Final once it ended, until then the latest recorded.
  std::int64_t steps = 0;                ///< Done so far.
  double seconds = 0;                    ///< Spent so far.

  std::vector<std::pair<std::string, Curve>> curves;    ///< By metric, in the order of first appearance.
  std::map<std::string, std::filesystem::path> inputs;  ///< The validation photos themselves, by name without ending.
  std::vector<SampleStep> samples;                      ///< Ascending steps.
  std::string log_tail;                                 ///< The last lines of a failed run's log.
  std::vector<std::string> problems;

  bool ended() const { return state && has_ended(*state); }
  /// Takes what the trial's own file says.
  void set(const TrialFile& trial);
  /// NaN where there is none.
  double value(const std::string& metric) const;
};

/// How much of a run to read: `status` skips curves and samples of runs that ended, for folders of thousands.
enum class Detail { status, everything };

/// Reads a run folder in whatever state it is; never throws for what is inside it.
RunRecord read_run(const std::filesystem::path& folder, Detail detail = Detail::everything);

/// Whether the folder looks like a run: it holds a spec, a trial, records or a result.
bool is_run(const std::filesystem::path& folder);

/// The seconds since the file was last written; nothing when it does not exist. Negative clocks count as 0.
std::optional<double> age(const std::filesystem::path& file);

}  // namespace atelier
