#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "framework/records/sweep_folder.h"
#include "framework/records/sweep_journal.h"
#include "sweeps/objectives.h"
#include "sweeps/trial.h"

namespace atelier {

/// What a worker knows of all trials, kept up to date by reading only what is new: the journals of all workers, and now
/// and then the folder itself, which is what counts (a trial whose folder was deleted is forgotten; a result whose
/// worker died before it could tell is found).
class SweepState {
 public:
  /// One trial's own part; samplers see its setting.
  struct Known {
    TrialFile file;
    TrialState state =
        TrialState::waiting;               ///< `running`: was begun and has not ended, whether its worker lives or not.
    std::int64_t generation = 0;           ///< Of the claim under which it was last heard of.
    double seconds = 0;                    ///< Spent, once it ended.
    std::string reason;                    ///< Why it was pruned or failed.
    std::map<std::string, double> values;  ///< Judged, once it ended.
    std::vector<std::pair<double, double>> curve;
    std::vector<std::int64_t> said_under;  ///< Of each point of the curve, the claim's generation.
    std::int64_t void_until = -1;          ///< What was said under claims up to this generation no longer counts.
  };

  SweepState(const SweepFolder& folder, const Objectives& objectives, std::int64_t seeds);

  /// Reads what is new in the journals, and looks at the folder itself when that was a second ago.
  void refresh();
  /// The same, and looks at the folder now.
  void look();
  /// The next `refresh` looks at the folder, too.
  void look_soon() { last_look_ = {}; }

  /// By setting: what samplers and pruners see.
  const History& history() const { return history_; }

  /// Null for a number that nobody has begun.
  const Known* find(std::int64_t number) const;
  /// Those that have not ended, ascending.
  const std::set<std::int64_t>& open() const { return open_; }
  /// One more than the largest number known.
  std::int64_t next_number() const { return next_; }
  /// The smallest number that nothing is known of: never begun, begun this moment, or deleted.
  std::int64_t first_unknown() const;
  std::int64_t count(TrialState state) const;
  std::int64_t ended() const;  ///< Trials with a result.
  /// How many a person enqueued, beyond those the sampler chose.
  std::int64_t enqueued() const { return enqueued_; }
  /// The mean time of the trials that finished, in seconds; 0 when none has.
  double mean_seconds() const;

  /// The setting that has these parameters; none when no trial does.
  std::optional<std::int64_t> setting_with(const Parameters& parameters) const;

  /// How many different parameters have been tried.
  std::int64_t different() const { return static_cast<std::int64_t>(settings_.size()); }

  /// What this worker did or saw itself, before its journal is read back. Nothing for a trial that was deleted
  /// meanwhile.
  void note_trial(std::int64_t number, const TrialFile& file);
  void note(const SweepEvent& event);

 private:
  template <class WorkerEvent>
  void take(const WorkerEvent&) {}  // of no trial
  void take(const TrialStarted& event);
  void take(const TrialRecorded& event);
  void take(const TrialAgain& event);
  void take(const TrialEnded& event);
  void note_started(std::int64_t number, std::int64_t generation);
  /// Whether a trial is known, also when that takes a look at its file. Its folder may be gone.
  bool knows(std::int64_t number);
  std::optional<TrialFile> read_trial(std::int64_t number, std::string& problem) const;
  void note_unreadable(std::int64_t number, const std::string& problem);
  void read_journals(bool look_for_new);
  void look_at_folder();
  void forget(std::int64_t number);
  Known& known(std::int64_t number);
  void set_state(std::int64_t number, Known& trial, TrialState state);
  void update_setting(std::int64_t setting);

  const SweepFolder& folder_;
  const Objectives& objectives_;
  const std::int64_t seeds_;
  SweepJournalReader journal_;
  std::unordered_map<std::int64_t, Known> trials_;
  std::set<std::int64_t> open_;
  std::unordered_map<std::string, std::int64_t> settings_;  // by parameters as text
  std::map<TrialState, std::int64_t> counts_;
  std::int64_t next_ = 0, enqueued_ = 0;
  mutable std::int64_t all_known_below_ = 0;
  double finished_seconds_ = 0;
  bool looked_ = false;  // at the folder
  std::chrono::steady_clock::time_point last_look_{};
  History history_;
};

}  // namespace atelier
