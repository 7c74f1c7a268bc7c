#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "framework/records/metric_record.h"
#include "framework/records/parameters.h"
#include "framework/records/trial_state.h"

namespace atelier {

/// The parameter that says how many ranks work on a trial: the sweep's own, no part of what is run.
inline constexpr const char* ranks_key = "trial.ranks";

/// What is run: without those that are the sweep's own.
Parameters without_ranks(const Parameters& parameters);

/// One text for equal parameters, whatever their order; 1 is 1.0.
std::string parameters_text(const Parameters& parameters);

/// "loss.style.weight = 0.1, generator.norm = layer".
std::string in_words(const Parameters& parameters);

/// What pruners count of a trial: its steps, its epochs, or seconds of all its sessions.
enum class Resource { step, epoch, time };

/// In the order of the enumerators; keys of a record.
inline constexpr std::array<std::string_view, 3> resource_words{record_key::step, record_key::epoch, record_key::time};
constexpr std::string_view to_text(Resource resource) { return resource_words[static_cast<std::size_t>(resource)]; }

/// What a trial has recorded on its way: one line of its metrics.
struct Record {
  double at = 0;                           ///< The resource spent so far, for instance the step.
  std::map<std::string, double> measures;  ///< By dotted name, as recorded; may be NaN.
};

/// One trial as samplers and pruners see it: what was chosen and how good it was. Several seeds of one setting count as
/// one trial here.
struct Trial {
  std::int64_t number = 0;
  Parameters parameters;
  TrialState state = TrialState::waiting;
  std::string reason;  ///< Why it was pruned or failed, as `RunResult` has it.
  /// One value an objective, in the form in which smaller is better. Empty while there is none, and for failed trials.
  /// Never NaN: a trial whose objective is NaN has failed.
  std::vector<double> values;
  /// By how much each constraint is missed; 0 or less when it holds. Empty when there are none or nothing is known.
  std::vector<double> violations;
  /// The first objective on the way, by resource, smaller is better, ascending. May be NaN.
  std::vector<std::pair<double, double>> curve;

  /// Whether every constraint holds.
  bool feasible() const;
};

/// The trials of a sweep so far, by number, ascending; numbers may be missing. A pruned trial's values are its last
/// ones: they were measured earlier than those of finished trials.
struct History {
  std::vector<Trial> trials;
  std::int64_t objectives = 1;  ///< How many values a trial has.

  const Trial* find(std::int64_t number) const;
};

}  // namespace atelier
